#include "verify/report.h"

namespace godwit::verify {

std::string_view ToString(Difference difference) {
  switch (difference) {
    case Difference::kMissing:
      return "missing";
    case Difference::kExtra:
      return "extra";
    case Difference::kDifferent:
      return "different";
  }
  return "?";
}

std::string_view ToString(TableResult result) {
  switch (result) {
    case TableResult::kEqual:
      return "equal";
    case TableResult::kDifferent:
      return "different";
    case TableResult::kMissing:
      return "missing";
    case TableResult::kExtra:
      return "extra";
    case TableResult::kNotComparable:
      return "not comparable";
  }
  return "?";
}

}  // namespace godwit::verify
