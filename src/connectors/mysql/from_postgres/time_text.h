#pragma once

#include <string>
#include <string_view>

#include "model/table.h"

// Dates and times as text, as PostgreSQL writes them in ISO style.
namespace godwit::connectors::mysql {

constexpr size_t kDaySize = 10;  // 2024-02-29

// Whether it is a day that MariaDB and MySQL know, from the year 1 to 9999, maybe with a time after
// it: "2024-02-29", "2024-02-29 12:00:00.5".
bool IsDay(std::string_view text);
// Whether the time of such a day is its first moment.
bool IsMidnight(std::string_view day);

// Whether it is a time that a TIME holds, of a day or as a span: "23:59:59.5", "-120:00:00".
bool IsTime(std::string_view text);

// Gives `out` the text with no more than `scale` digits of the fraction of its seconds. False: that
// would take away others than zeros.
bool FitFraction(std::string_view text, unsigned scale, std::string_view& out);

// What comes nearest to a day or a time in a column of this kind; empty: nothing does. `text` is no
// day (infinity, BC, a year from 10000 on), or one whose time has no place.
std::string NearestDay(std::string_view text, model::TypeKind kind, unsigned scale);
std::string NearestTime(std::string_view text, model::TypeKind kind, unsigned scale);

}  // namespace godwit::connectors::mysql
