#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/connection/connection.h"
#include "model/table.h"

namespace godwit::connectors::mysql {

// The rights of the user who is connected, those of roles in force included, as SHOW GRANTS lists
// them. Immutable. https://mariadb.com/kb/en/grant/
class Grants {
 public:
  // `lines` are the rows of SHOW GRANTS. Rights on columns and routines are left out: they are no
  // rights on a table.
  explicit Grants(const std::vector<std::string>& lines);
  static base::StatusOr<Grants> Read(Connection& connection);

  // Privileges by the server's own names: "SELECT", "BINLOG MONITOR".
  bool Has(std::string_view privilege) const;                           // on *.*
  bool Has(std::string_view privilege, std::string_view schema) const;  // on all of the schema
  bool Has(std::string_view privilege, const model::TableName& table) const;

 private:
  struct Grant {
    std::vector<std::string> privileges;
    std::string schema;  // a pattern with % and _; empty: *.*
    std::string table;   // empty: all
  };
  template <typename Covers>
  bool Any(std::string_view privilege, Covers covers) const;

  std::vector<Grant> grants_;
};

// What is needed and not granted, gathered as the statements that grant it.
class MissingGrants {
 public:
  // `account` as GRANT takes it: 'user'@'host'.
  MissingGrants(const Grants& grants, std::string account)
      : grants_(grants), account_(std::move(account)) {}

  void NeedGlobally(const std::vector<std::string>& privileges);
  void NeedIn(const std::string& schema, const std::vector<std::string>& privileges);
  void NeedOn(const model::TableName& table, const std::string& privilege);

  bool empty() const { return missing_.empty(); }
  std::string Finding() const;
  std::string Remedy() const;

 private:
  void Add(const std::vector<std::string>& privileges, const std::string& where);

  const Grants& grants_;
  std::string account_;
  std::vector<std::string> missing_;  // "SELECT ON `shop`.*"
};

// The account that the server took the connection's user for, as GRANT takes it.
base::StatusOr<std::string> CurrentAccount(Connection& connection);

}  // namespace godwit::connectors::mysql
