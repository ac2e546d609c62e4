#include "wire/mysql/calendar.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

TEST(CalendarTest, ADayIsOneThatThereIs) {
  for (std::string_view day : {"2024-02-29", "2000-02-29", "0001-01-01",
                               "9999-12-31 23:59:59.999999", "2023-04-30", "2023-12-31 00:00:00"})
    EXPECT_TRUE(NamesDay(day)) << day;
  for (std::string_view none :
       {"0000-00-00", "0000-00-00 00:00:00", "2024-00-10", "2024-01-00", "0000-01-01", "2023-02-29",
        "1900-02-29", "2024-04-31", "2024-13-01", "2024-01-32", "", "24-01-01", "2024/01-0x"})
    EXPECT_FALSE(NamesDay(none)) << none;
}

TEST(CalendarTest, TheNearestDayKeepsTheTime) {
  EXPECT_EQ(OnNearestDay("0000-00-00"), "0001-01-01");
  EXPECT_EQ(OnNearestDay("2024-00-10 11:12:13.5"), "2024-01-10 11:12:13.5");
  EXPECT_EQ(OnNearestDay("2024-02-31"), "2024-02-29");
  EXPECT_EQ(OnNearestDay("2023-02-00"), "2023-02-01");
}

}  // namespace
}  // namespace godwit::wire::mysql
