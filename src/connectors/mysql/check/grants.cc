#include "connectors/mysql/check/grants.h"

#include <absl/strings/str_join.h>

#include <algorithm>
#include <optional>

#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

// Takes `word` from the front of `text`, if it stands there.
bool Take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// A name in backquotes, or a star as an empty one.
std::optional<std::string> TakeName(std::string_view& text) {
  std::string name;
  if (Take(text, "*")) return name;
  if (!Take(text, "`")) return std::nullopt;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '`' && !Take(text, "`")) return name;
    name.push_back(c);
  }
  return std::nullopt;
}

// The list before " ON ", without privileges on columns: SELECT, UPDATE (`a`, `b`).
std::vector<std::string> TakePrivileges(std::string_view& text) {
  std::vector<std::string> privileges;
  std::string word;
  bool of_columns = false;
  auto flush = [&] {
    if (!word.empty() && !of_columns) privileges.push_back(word);
    word.clear();
    of_columns = false;
  };
  while (!text.empty() && !Take(text, " ON ")) {
    if (Take(text, ", ") || Take(text, ",")) {  // of dynamic privileges MySQL puts no blank
      flush();
    } else if (Take(text, " (")) {
      of_columns = true;
      text.remove_prefix(std::min(text.find(')'), text.size() - 1) + 1);
    } else {
      word.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  flush();
  return privileges;
}

// LIKE as in GRANT: % and _, escaped with a backslash.
bool Like(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '%') {
    for (size_t skip = 0; skip <= text.size(); ++skip) {
      if (Like(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern.front() == '_') return Like(pattern.substr(1), text.substr(1));
  if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
  return pattern.front() == text.front() && Like(pattern.substr(1), text.substr(1));
}

}  // namespace

Grants::Grants(const std::vector<std::string>& lines) {
  for (std::string_view line : lines) {
    if (!Take(line, "GRANT ")) continue;
    Grant grant;
    grant.privileges = TakePrivileges(line);
    std::optional<std::string> schema = TakeName(line);
    if (!schema || !Take(line, ".")) continue;  // a role, a routine or a proxy
    std::optional<std::string> table = TakeName(line);
    if (!table) continue;
    grant.schema = *std::move(schema);
    grant.table = *std::move(table);
    grants_.push_back(std::move(grant));
  }
}

base::StatusOr<Grants> Grants::Read(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<ResultRow> rows, connection.Query("SHOW GRANTS"));
  std::vector<std::string> lines;
  lines.reserve(rows.size());
  for (ResultRow& row : rows) lines.push_back(row.at(0).value_or(""));
  return Grants(lines);
}

template <typename Covers>
bool Grants::Any(std::string_view privilege, Covers covers) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return covers(grant) && std::any_of(grant.privileges.begin(), grant.privileges.end(),
                                        [&](const std::string& given) {
                                          return given == privilege || given == "ALL PRIVILEGES";
                                        });
  });
}

bool Grants::Has(std::string_view privilege) const {
  return Any(privilege, [](const Grant& grant) { return grant.schema.empty(); });
}

bool Grants::Has(std::string_view privilege, std::string_view schema) const {
  return Any(privilege, [&](const Grant& grant) {
    return grant.schema.empty() || (grant.table.empty() && Like(grant.schema, schema));
  });
}

bool Grants::Has(std::string_view privilege, const model::TableName& table) const {
  return Has(privilege, table.schema) || Any(privilege, [&](const Grant& grant) {
           return grant.schema == table.schema && grant.table == table.table;
         });
}

void MissingGrants::Add(const std::vector<std::string>& privileges, const std::string& where) {
  if (!privileges.empty()) missing_.push_back(absl::StrJoin(privileges, ", ") + " ON " + where);
}

void MissingGrants::NeedGlobally(const std::vector<std::string>& privileges) {
  std::vector<std::string> lacking;
  for (const std::string& privilege : privileges) {
    if (!grants_.Has(privilege)) lacking.push_back(privilege);
  }
  Add(lacking, "*.*");
}

void MissingGrants::NeedIn(const std::string& schema, const std::vector<std::string>& privileges) {
  std::vector<std::string> lacking;
  for (const std::string& privilege : privileges) {
    if (!grants_.Has(privilege, schema)) lacking.push_back(privilege);
  }
  Add(lacking, QuoteName(schema) + ".*");
}

void MissingGrants::NeedOn(const model::TableName& table, const std::string& privilege) {
  if (!grants_.Has(privilege, table)) Add({privilege}, QuoteName(table));
}

std::string MissingGrants::Finding() const { return "missing: " + absl::StrJoin(missing_, "; "); }

std::string MissingGrants::Remedy() const {
  std::string statements;
  for (const std::string& what : missing_)
    statements += fmt::format("{}GRANT {} TO {};", statements.empty() ? "" : " ", what, account_);
  return statements;
}

base::StatusOr<std::string> CurrentAccount(Connection& connection) {
  GODWIT_ASSIGN_OR_RETURN(std::string account, connection.QueryValue("SELECT CURRENT_USER()"));
  const size_t at = account.rfind('@');
  return QuoteText(account.substr(0, at)) + "@" +
         QuoteText(at == std::string::npos ? "%" : account.substr(at + 1));
}

}  // namespace godwit::connectors::mysql
