#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "model/position.h"

// Statements with their values, which are bound as $1, $2, ... in the order in which they are
// given, and never part of the SQL; and transactions of such statements.
namespace godwit::connectors::postgres {

// A value as PostgreSQL reads it as text.
inline std::string ValueText(std::string_view text) { return std::string(text); }
inline std::string ValueText(const model::Position& position) { return position.text; }
template <typename T>
requires std::integral<T> || std::is_enum_v<T> std::string ValueText(T value) {
  if constexpr (std::is_same_v<T, bool>)
    return value ? "t" : "f";
  else if constexpr (std::is_enum_v<T>)
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  else
    return std::to_string(value);
}

// Holds the texts that the parameters show.
class BoundTexts {
 public:
  template <typename... Values>
  explicit BoundTexts(const Values&... values)
      : texts_{ValueText(values)...}, parameters_(texts_.begin(), texts_.end()) {}
  BoundTexts(const BoundTexts&) = delete;
  BoundTexts& operator=(const BoundTexts&) = delete;

  std::span<const Parameter> parameters() const { return parameters_; }

 private:
  const std::vector<std::string> texts_;
  const std::vector<Parameter> parameters_;
};

// Gives the rows affected.
template <typename... Values>
base::StatusOr<uint64_t> ExecuteBound(Connection& connection, std::string_view sql,
                                      const Values&... values) {
  const BoundTexts bound(values...);
  return connection.Execute(sql, bound.parameters());
}

template <typename... Values>
base::StatusOr<std::vector<ResultRow>> QueryBound(Connection& connection, std::string_view sql,
                                                  const Values&... values) {
  const BoundTexts bound(values...);
  return connection.Query(sql, bound.parameters());
}

// Runs `work`, which gives a status, in a transaction of its own: committed if that is OK.
template <typename Work>
base::Status InTransaction(Connection& connection, Work work) {
  auto all = [&]() -> base::Status {
    // The fence has to see what others have committed meanwhile.
    GODWIT_RETURN_IF_ERROR(connection.Execute("BEGIN ISOLATION LEVEL READ COMMITTED").status());
    GODWIT_RETURN_IF_ERROR(work());
    return connection.Execute("COMMIT").status();
  };
  base::Status status = all();
  if (!status.ok()) connection.Execute("ROLLBACK").IgnoreError();
  return status;
}

}  // namespace godwit::connectors::postgres
