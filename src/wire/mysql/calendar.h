#pragma once

#include <string>
#include <string_view>

// The servers keep dates that are none: zeros in the place of what is not known, "2024-00-00", and
// under some settings the 31st of February.
namespace godwit::wire::mysql {

// Whether `text`, which begins with a date as the servers write it, is of a day that there was or
// will be, in a year from 1 on.
bool NamesDay(std::string_view text);

// The same on the day nearest to that: zeros become ones, and days beyond the month its last.
std::string OnNearestDay(std::string_view text);

}  // namespace godwit::wire::mysql
