// Headers that most commands use and that are costly to parse.
#pragma once
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "pch.h"
