#include "connectors/postgres/check/source_rights_check.h"

#include <absl/strings/str_join.h>

#include <set>

#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kName = "rights";
constexpr int kInheritsByGrant = 160000;  // before, it was a property of the role
constexpr size_t kMostNamed = 20;

// What the role lacks, and the statements that give it.
class Lacks {
 public:
  explicit Lacks(std::string role) : role_(std::move(role)) {}

  void Add(std::string_view what) { what_.emplace_back(what); }
  void Remedy(std::string_view statement) { remedies_.emplace_back(statement); }
  void Tell(connector::CheckList& list) const {
    if (what_.empty()) return list.Pass(kName, role_ + " has the rights that are needed");
    list.Fail(kName, fmt::format("{} may not {}", role_, absl::StrJoin(what_, ", nor ")),
              absl::StrJoin(remedies_, "; "));
  }

 private:
  const std::string role_;
  std::vector<std::string> what_, remedies_;
};

struct Role {
  std::string name;
  bool inherits = false;
};

// Tables by what the role lacks of them, in quotes where they need some.
struct Tables {
  std::vector<std::string> unread, unowned, of_superusers;
  std::set<std::string> unseen;       // schemas
  std::set<std::string> owners, own;  // of the unowned ones; those whose role it has already
};

// What an owner may, the role may too once it has the owner's role, or is the owner in its place.
base::StatusOr<Tables> Look(Connection& source, const connector::Catalog& catalog) {
  std::vector<std::string> oids;
  for (const connector::CatalogTable& table : catalog.tables) {
    GODWIT_ASSIGN_OR_RETURN(const Definition definition, FromJson(table.definition.statement));
    oids.push_back(std::to_string(definition.oid));
  }
  GODWIT_ASSIGN_OR_RETURN(const std::vector<ResultRow> rows,
                          source.Query(fmt::format(R"(
SELECT quote_ident(n.nspname), quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       quote_ident(o.rolname), o.rolsuper, pg_has_role(o.oid, 'USAGE'),
       EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles u ON u.oid = m.member
                WHERE m.roleid = o.oid AND u.rolname = CURRENT_USER),
       has_table_privilege(c.oid, 'SELECT') OR has_table_privilege(o.oid, c.oid, 'SELECT')
         AND NOT pg_has_role(o.oid, 'USAGE'),
       has_schema_privilege(n.oid, 'USAGE') OR has_schema_privilege(o.oid, n.oid, 'USAGE')
         AND NOT o.rolsuper
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
 WHERE c.oid = ANY ({}) ORDER BY 1, 2)",
                                                   OidArray(oids))));
  Tables tables;
  for (const ResultRow& row : rows) {
    const std::string name = TextOf(row[1]), owner = TextOf(row[2]);
    if (!FlagOf(row[6])) tables.unread.push_back(name);
    if (!FlagOf(row[7])) tables.unseen.insert(TextOf(row[0]));
    if (FlagOf(row[4])) continue;
    if (FlagOf(row[3])) {
      tables.of_superusers.push_back(name);
      continue;
    }
    tables.unowned.push_back(name);
    (FlagOf(row[5]) ? tables.own : tables.owners).insert(owner);
  }
  return tables;
}

void AddReading(const Role& role, const Tables& tables, Lacks& lacks) {
  if (!tables.unseen.empty()) {
    const std::string schemas = absl::StrJoin(tables.unseen, ", ");
    lacks.Add("look into schema " + schemas);
    lacks.Remedy(fmt::format("GRANT USAGE ON SCHEMA {} TO {}", schemas, role.name));
  }
  if (tables.unread.empty()) return;
  lacks.Add("read " + connector::Enumerate(tables.unread));
  lacks.Remedy(fmt::format(
      "GRANT SELECT ON {} TO {}",
      tables.unread.size() > kMostNamed ? "these tables" : absl::StrJoin(tables.unread, ", "),
      role.name));
}

void AddOwning(const Role& role, int server_version, const Tables& tables, Lacks& lacks) {
  if (!tables.unowned.empty()) {
    lacks.Add(fmt::format(
        "put {} into a publication, which only owners may and who inherits their rights",
        connector::Enumerate(tables.unowned)));
    std::set<std::string> granted = tables.owners;
    const bool by_grant = server_version >= kInheritsByGrant;
    if (by_grant) granted.insert(tables.own.begin(), tables.own.end());
    if (!by_grant && !role.inherits) lacks.Remedy(fmt::format("ALTER ROLE {} INHERIT", role.name));
    if (!granted.empty()) {
      lacks.Remedy(fmt::format("GRANT {} TO {}{}", absl::StrJoin(granted, ", "), role.name,
                               by_grant ? " WITH INHERIT TRUE" : ""));
    }
  }
  if (tables.of_superusers.empty()) return;
  lacks.Add(fmt::format(
      "put {} into a publication, as only the owner may, a superuser, whose role is not to be "
      "granted: an ordinary role should own such tables",
      connector::Enumerate(tables.of_superusers)));
  if (tables.of_superusers.size() > kMostNamed)
    return lacks.Remedy(fmt::format("ALTER TABLE ... OWNER TO {}, of each of these", role.name));
  for (const std::string& table : tables.of_superusers)
    lacks.Remedy(fmt::format("ALTER TABLE {} OWNER TO {}", table, role.name));
}

}  // namespace

void CheckSourceRights(Connection& source, const connector::Catalog& catalog,
                       connector::CheckList& list) {
  const auto row = source.QueryRow(
      "SELECT quote_ident(rolname), rolsuper, rolreplication, rolinherit, "
      "has_database_privilege(current_database(), 'CREATE') FROM pg_roles WHERE rolname = "
      "CURRENT_USER");
  if (!row.ok()) return list.Unknown(kName, row.status());
  const Role role{TextOf((*row)[0]), FlagOf((*row)[3])};
  Lacks lacks(role.name);
  if (FlagOf((*row)[1])) return lacks.Tell(list);
  if (!FlagOf((*row)[2])) {
    lacks.Add("read the log");
    lacks.Remedy(fmt::format("ALTER ROLE {} REPLICATION", role.name));
  }
  if (!FlagOf((*row)[4])) {
    lacks.Add("create a publication in the database");
    lacks.Remedy(
        fmt::format("GRANT CREATE ON DATABASE {} TO {}", QuoteName(source.database()), role.name));
  }
  const auto tables = Look(source, catalog);
  if (!tables.ok()) return list.Unknown(kName, tables.status());
  AddReading(role, *tables, lacks);
  AddOwning(role, source.server_version(), *tables, lacks);
  lacks.Tell(list);
}

}  // namespace godwit::connectors::postgres
