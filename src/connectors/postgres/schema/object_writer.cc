#include "connectors/postgres/schema/object_writer.h"

#include <absl/algorithm/container.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/failpoint.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/object_reader.h"
#include "connectors/postgres/schema/partition_trees.h"
#include "connectors/postgres/schema/rights.h"
#include "connectors/postgres/schema/routine_reader.h"
#include "connectors/postgres/schema/schema_writer.h"
#include "connectors/postgres/schema/view_query.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using connector::CatalogObject;
using connector::IfExists;
using connector::ObjectKind;

// The views and routines without which the table {0} could not be dropped: whether it is a routine,
// schema and name. What belongs to the table, such as its row type and its partitions, counts as it
// does. {1}: how routines are called.
constexpr std::string_view kMadeOf = R"(
WITH RECURSIVE made(classid, objid) AS (
  SELECT 'pg_class'::regclass::oid, to_regclass({0})::oid
   UNION
  SELECT x.classid, x.objid
    FROM made JOIN pg_depend d ON d.refclassid = made.classid AND d.refobjid = made.objid
    LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
    CROSS JOIN LATERAL (
      SELECT CASE WHEN w.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END,
             coalesce(w.ev_class, d.objid)) x(classid, objid))
SELECT false, n.nspname, c.relname
  FROM made JOIN pg_class c ON made.classid = 'pg_class'::regclass AND c.oid = made.objid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
 UNION ALL
SELECT true, n.nspname, {1}
  FROM made JOIN pg_proc p ON made.classid = 'pg_proc'::regclass AND p.oid = made.objid
  JOIN pg_namespace n ON n.oid = p.pronamespace)";

// The word that CREATE and DROP know an object by.
std::string_view WordFor(const CatalogObject& object) {
  switch (object.kind) {
    case ObjectKind::kView:
      return object.statement.starts_with("CREATE MATERIALIZED ") ? "MATERIALIZED VIEW" : "VIEW";
    case ObjectKind::kSequence:
      return "SEQUENCE";
    case ObjectKind::kType:
      return object.statement.starts_with("CREATE DOMAIN ") ? "DOMAIN" : "TYPE";
    case ObjectKind::kExtension:
      return "EXTENSION";
    case ObjectKind::kTrigger:
      return "TRIGGER";
    case ObjectKind::kRoutine:
    case ObjectKind::kTableRoutine:
      return "ROUTINE";
    case ObjectKind::kStatistics:
      return "STATISTICS";
    case ObjectKind::kTableSequence:
      return "the value of a sequence of";
    case ObjectKind::kPartitioned:
      return "partitioned table";
    case ObjectKind::kRights:
      return "the rights of role";
    case ObjectKind::kEvent:
      break;
  }
  return "EVENT";
}

bool IsRoutine(const CatalogObject& object) {
  return object.kind == ObjectKind::kRoutine || object.kind == ObjectKind::kTableRoutine;
}

// As DROP takes it; a routine's is quoted already.
std::string NameOf(const CatalogObject& object) {
  if (object.kind == ObjectKind::kTrigger)
    return fmt::format("{} ON {}", QuoteName(object.name),
                       QuoteName({object.schema, object.table}));
  if (IsRoutine(object)) return QuoteName(object.schema) + "." + object.name;
  return QuoteName({object.schema, object.name});
}

bool EndsRun(const base::Status& status) {
  return absl::IsUnavailable(status) || absl::IsCancelled(status);
}

// That what it refers to is missing, or stands in the way, is for the operator to know.
base::Status While(const base::Status& status, std::string_view doing,
                   const CatalogObject& object) {
  if (status.ok() || EndsRun(status)) return status;
  const bool operators = absl::IsNotFound(status) || absl::IsAlreadyExists(status);
  return base::Status(operators ? base::StatusCode::kFailedPrecondition : status.code(),
                      fmt::format("{}; while {} {}", status.message(), doing, Named(object)));
}

// `shown`: as the target has it.
base::Status Drop(Connection& target, const CatalogObject& shown) {
  return While(
      target.Execute(fmt::format("DROP {} IF EXISTS {}", WordFor(shown), NameOf(shown))).status(),
      "dropping", shown);
}

base::Status Create(Connection& target, const CatalogObject& object) {
  base::Failpoint("schema.before_create_object");
  std::string statement = object.statement;
  // In one transaction.
  if (object.guarded)
    statement += fmt::format(";\nREVOKE ALL ON ROUTINE {} FROM PUBLIC", NameOf(object));
  return While(target.Execute(statement).status(), "creating", object);
}

// In place, so that what refers to it need not be dropped, where the server lets that be done.
base::Status ReplaceRoutine(Connection& target, const CatalogObject& object) {
  constexpr std::string_view kOtherResult = "42P13", kOtherKind = "42809";
  base::Status created = Create(target, object);
  if (created.ok() || (target.last_state() != kOtherResult && target.last_state() != kOtherKind))
    return created;
  GODWIT_RETURN_IF_ERROR(Drop(target, object));
  return Create(target, object);
}

// Does `act` to each that it can be done to, and then to the others, as long as that gets any of
// them done.
template <typename Act>
base::Status InSomeOrder(std::vector<CatalogObject> objects, Act act) {
  while (!objects.empty()) {
    std::vector<CatalogObject> left;
    base::Status refused;
    for (CatalogObject& object : objects) {
      base::Status status = act(object);
      if (EndsRun(status)) return status;
      if (status.ok()) continue;
      if (refused.ok()) refused = std::move(status);
      left.push_back(std::move(object));
    }
    if (left.size() == objects.size()) return refused;
    objects = std::move(left);
  }
  return base::OkStatus();
}

base::Status CreateSchemasOf(Connection& target, const std::vector<CatalogObject>& objects) {
  std::set<std::string> names;
  for (const CatalogObject& object : objects) names.insert(object.schema);
  names.erase("");
  std::vector<connector::CatalogSchema> schemas;
  for (const std::string& name : names) schemas.push_back(SchemaOf(name));
  return CreateSchemas(target, schemas);
}

// `shown`: as the target has it.
base::StatusOr<bool> IsSame(Connection& target, const CatalogObject& object,
                            const CatalogObject& shown) {
  if (object.kind == ObjectKind::kView)
    return IsSameView(target, object.schema, object.statement, shown.statement);
  return object.statement == shown.statement;
}

base::Status Differs(const CatalogObject& object, const CatalogObject& shown) {
  std::string_view how = "differs",
                   remedy = "drop it, or say target: {if_exists: replace} in the task file";
  if (object.kind == ObjectKind::kExtension) {
    how = "is not in the same schema";
    remedy = "move it by ALTER EXTENSION .. SET SCHEMA";
  } else if (object.kind == ObjectKind::kType) {
    remedy = "make the two alike, or drop it with what is made of it";
  }
  return base::MakeStatus(base::StatusCode::kAlreadyExists,
                          "target: {} exists already and {}:\n  source: {}\n  target: {}\n{}",
                          Named(object), how, object.statement, shown.statement, remedy);
}

// `objects`: what is made with it, views among them.
base::StatusOr<bool> LacksTable(Connection& target, const CatalogObject& trigger,
                                const std::vector<CatalogObject>& objects) {
  if (trigger.kind != ObjectKind::kTrigger) return false;
  const bool on_view = absl::c_any_of(objects, [&](const CatalogObject& object) {
    return object.kind == ObjectKind::kView && object.schema == trigger.schema &&
           object.name == trigger.table;
  });
  if (on_view) return false;
  GODWIT_ASSIGN_OR_RETURN(
      const std::string lacks,
      target.QueryValue(fmt::format("SELECT pg_catalog.to_regclass({}) IS NULL",
                                    QuoteText(QuoteName({trigger.schema, trigger.table})))));
  return lacks == "t";
}

}  // namespace

std::string Named(const CatalogObject& object) {
  if (object.kind == ObjectKind::kExtension || object.kind == ObjectKind::kRights)
    return fmt::format("{} {}", WordFor(object), object.name);
  if (object.kind == ObjectKind::kTrigger)
    return fmt::format("TRIGGER {} ON {}.{}", object.name, object.schema, object.table);
  return fmt::format("{} {}.{}", WordFor(object), object.schema, object.name);
}

bool MayBeReplaced(const CatalogObject& object) {
  return object.kind != ObjectKind::kExtension && object.kind != ObjectKind::kType;
}

base::StatusOr<bool> HasOther(Connection& target, const CatalogObject& object) {
  GODWIT_ASSIGN_OR_RETURN(const std::optional<CatalogObject> shown, ReadSame(target, object));
  if (!shown) return false;
  GODWIT_ASSIGN_OR_RETURN(const bool same, IsSame(target, object, *shown));
  return !same;
}

base::Status CreateObjects(Connection& target, std::vector<CatalogObject> objects,
                           IfExists if_exists) {
  // Bodies may speak of what is yet to come.
  GODWIT_RETURN_IF_ERROR(target.Execute("SET check_function_bodies = off").status());
  GODWIT_RETURN_IF_ERROR(CreateSchemasOf(target, objects));
  std::vector<CatalogObject> trees;  // of which others may be made
  std::erase_if(objects, [&](const CatalogObject& object) {
    if (object.kind != ObjectKind::kPartitioned) return false;
    trees.push_back(object);
    return true;
  });
  GODWIT_RETURN_IF_ERROR(PutTogether(target, trees));
  std::vector<CatalogObject> missing, same, others;  // `same` and `others` as the target has them
  bool other_views = false;
  for (CatalogObject& object : objects) {
    if (object.statement.empty() || object.kind == ObjectKind::kRights) continue;
    GODWIT_ASSIGN_OR_RETURN(const bool lacks_table, LacksTable(target, object, objects));
    if (lacks_table) {
      spdlog::warn(
          "target: trigger {} is left out: there is no table {}.{}, which was made on the "
          "source since the task began",
          object.name, object.schema, object.table);
      object.after.clear();
      continue;
    }
    GODWIT_ASSIGN_OR_RETURN(std::optional<CatalogObject> shown, ReadSame(target, object));
    bool same_one = false;
    if (shown) {
      GODWIT_ASSIGN_OR_RETURN(same_one, IsSame(target, object, *shown));
    }
    if (!shown) {
      missing.push_back(object);
    } else if (object.any_serves) {
      object.after.clear();
    } else if (same_one) {
      if (object.kind == ObjectKind::kView) same.push_back(*std::move(shown));
    } else {
      if (if_exists != IfExists::kReplace || !MayBeReplaced(object)) return Differs(object, *shown);
      other_views = other_views || object.kind == ObjectKind::kView;
      if (!IsRoutine(object)) others.push_back(*std::move(shown));
      missing.push_back(object);
    }
  }
  if (other_views) {
    // Views that are the same may depend on those that are not.
    for (CatalogObject& view : same) {
      missing.push_back(*absl::c_find_if(objects, [&](const CatalogObject& object) {
        return object.kind == view.kind && object.schema == view.schema && object.name == view.name;
      }));
      others.push_back(std::move(view));
    }
  }
  std::ranges::reverse(others);  // what depends on another was mostly made after it
  GODWIT_RETURN_IF_ERROR(InSomeOrder(
      std::move(others), [&](const CatalogObject& object) { return Drop(target, object); }));
  GODWIT_RETURN_IF_ERROR(InSomeOrder(std::move(missing), [&](const CatalogObject& object) {
    return IsRoutine(object) && if_exists == IfExists::kReplace ? ReplaceRoutine(target, object)
                                                                : Create(target, object);
  }));
  std::vector<CatalogObject> rights;
  std::erase_if(objects, [&](const CatalogObject& object) {
    if (object.kind == ObjectKind::kRights) rights.push_back(object);
    return object.after.empty() || object.kind == ObjectKind::kRights;
  });
  // A materialized view may be filled from another.
  GODWIT_RETURN_IF_ERROR(InSomeOrder(std::move(objects), [&](const CatalogObject& object) {
    return While(target.Execute(object.after).status(), "bringing up to date", object);
  }));
  std::vector<std::string> left_out;
  for (const CatalogObject& of_role : rights)
    GODWIT_RETURN_IF_ERROR(While(GiveRights(target, of_role, left_out), "giving", of_role));
  WarnOfRights(left_out);
  return base::OkStatus();
}

base::Status DropObjects(Connection& target, const std::vector<CatalogObject>& objects) {
  std::vector<CatalogObject> there;
  for (const CatalogObject& object : objects) {
    if (object.kind == ObjectKind::kExtension || object.any_serves) continue;
    GODWIT_ASSIGN_OR_RETURN(std::optional<CatalogObject> shown, ReadSame(target, object));
    if (shown) there.push_back(*std::move(shown));
  }
  std::ranges::reverse(there);
  return InSomeOrder(std::move(there),
                     [&](const CatalogObject& object) { return Drop(target, object); });
}

base::Status DropObjectsOf(Connection& target, const model::TableName& table,
                           const std::vector<CatalogObject>& objects) {
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      target.Query(fmt::format(kMadeOf, QuoteText(QuoteName(table)), kRoutineName)));
  std::set<std::tuple<bool, std::string, std::string>> made_of;
  for (const ResultRow& row : rows) made_of.emplace(FlagOf(row[0]), TextOf(row[1]), TextOf(row[2]));
  std::vector<CatalogObject> dropped;
  for (const CatalogObject& object : objects) {
    if ((IsRoutine(object) || object.kind == ObjectKind::kView) &&
        made_of.contains({IsRoutine(object), object.schema, object.name})) {
      dropped.push_back(object);
    }
  }
  return DropObjects(target, dropped);
}

}  // namespace godwit::connectors::postgres
