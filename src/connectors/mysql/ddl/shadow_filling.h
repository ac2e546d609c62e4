#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/table.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace godwit::connectors::mysql {

// How the shadows of online schema changes were filled, as far as the log tells: a table of such a
// name may as well be one that is to take another's place empty, or with rows of its own. What is
// known goes with the log's position, so that it is exact wherever a run ends. One thread.
class ShadowFilling {
 public:
  using IsShadowOf = std::function<bool(const model::TableName& shadow, const std::string& real)>;

  // As ToText gave it. kInvalidArgument.
  static base::StatusOr<ShadowFilling> Parse(const std::string& text);
  // Without ';'.
  std::string ToText() const;

  void Begin(const model::TableName& shadow) { shadows_[shadow] = {}; }  // made here, without rows
  void Forget(const model::TableName& shadow) { shadows_.erase(shadow); }
  bool Knows(const model::TableName& shadow) const { return shadows_.contains(shadow); }

  void TakeRows(const model::TableName& shadow);
  // What becomes of rows by a statement.
  void TakeStatement(const sql::Statement& statement);
  // CREATE or DROP TRIGGER of that name; `text` is the statement.
  void TakeTrigger(const model::TableName& trigger, std::string_view text,
                   const sql::ParseOptions& options, const IsShadowOf& is_shadow_of);

  // Why its rows need not be those of the table whose place it takes; empty: they are.
  std::string WhyOtherRows(const model::TableName& shadow) const;

 private:
  struct Filling {
    bool has_rows = false;
    // Triggers that write to it when the table does: 'I', 'U' or 'D' by their names.
    std::map<std::string, char> triggers;
  };
  std::map<model::TableName, Filling> shadows_;
};

}  // namespace godwit::connectors::mysql
