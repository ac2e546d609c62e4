#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/check.h"

namespace godwit::connector {

// A report while it is written: items of one server, called "source: ..." or "target: ...".
class CheckList {
 public:
  explicit CheckList(std::string_view side) : side_(side) {}

  // The report of a server that gave no connection.
  static CheckReport Unreachable(std::string_view side, const base::Status& status);
  // That of a source of which no server was settled on (Source::Settle).
  static CheckReport Unsettled(const base::Status& status);

  void Pass(std::string_view name, std::string finding);
  void Warn(std::string_view name, std::string finding, std::string remedy);
  void Fail(std::string_view name, std::string finding, std::string remedy);
  // What `status`, an error, says.
  void Fail(std::string_view name, const base::Status& status, std::string remedy);
  // A pass when `offenders` is empty; else a `result` that counts and names the first of them.
  void Offenders(std::string_view name, CheckResult result,
                 const std::vector<std::string>& offenders, std::string_view passing,
                 std::string_view finding, std::string remedy);
  // What could not be looked at, if `status` is an error.
  void Unknown(std::string_view name, const base::Status& status);

  CheckReport Take() { return std::move(report_); }

 private:
  void Add(std::string_view name, CheckResult result, std::string finding, std::string remedy);

  std::string side_;
  CheckReport report_;
};

// "a, b, c and 4 more".
std::string Enumerate(const std::vector<std::string>& names);

}  // namespace godwit::connector
