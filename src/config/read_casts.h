#pragma once

#include "config/casts.h"
#include "config/problems.h"
#include "config/yaml_value.h"

namespace godwit::config {

// A list of rules: {column: shop.t.c, to: boolean}, {type: tinyint(1), to: boolean}, {table:
// "shop.*", type: tinyint(1), to: boolean}. What is wrong goes to `problems`.
void ReadCasts(const YamlValue& value, Casts& casts, Problems& problems);

}  // namespace godwit::config
