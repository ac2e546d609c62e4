#include "sql/alter_parser.h"

#include "sql/clauses.h"
#include "sql/column_parser.h"
#include "sql/partition_action_parser.h"
#include "sql/table_parser.h"

namespace godwit::sql {
namespace {

bool IfExists(TokenCursor& cursor) { return cursor.Accept("IF", "EXISTS"); }
bool IfNotExists(TokenCursor& cursor) { return cursor.Accept("IF", "NOT", "EXISTS"); }

class AlterParser {
 public:
  explicit AlterParser(TokenCursor& cursor) : cursor_(cursor) {}

  base::StatusOr<AlterTable> Run() {
    result_.session_schema = cursor_.options().default_schema;
    result_.if_exists = IfExists(cursor_);
    GODWIT_ASSIGN_OR_RETURN(result_.table, cursor_.ExpectTable());
    GODWIT_RETURN_IF_ERROR(SkipWait(cursor_));
    while (!cursor_.AtEnd()) {
      GODWIT_RETURN_IF_ERROR(ParseAction());
      // Options and partitioning may follow without a comma.
      if (!cursor_.AcceptSymbol(',') && !cursor_.AtEnd() && !cursor_.Is("PARTITION") &&
          !cursor_.Is("REMOVE") && !after_option_) {
        return cursor_.Error("',' or the end");
      }
    }
    return std::move(result_);
  }

 private:
  bool IsMySql() const { return cursor_.options().flavour == Flavour::kMySql; }

  template <typename Action>
  base::Status Done(Action action) {
    result_.actions.emplace_back(std::move(action));
    return base::OkStatus();
  }

  base::Status ParseAction() {
    after_option_ = false;
    if (cursor_.Accept("ADD")) return ParseAdd();
    if (cursor_.Accept("DROP")) return ParseDrop();
    if (cursor_.Accept("MODIFY")) return ParseChange(/*renames=*/false);
    if (cursor_.Accept("CHANGE")) return ParseChange(/*renames=*/true);
    if (cursor_.Accept("RENAME")) return ParseRename();
    if (cursor_.Accept("ALTER")) return ParseAlter();
    if (cursor_.Accept("CONVERT", "TO")) return ParseConvertCharset();
    if (cursor_.Accept("ORDER", "BY")) return SkipOrderBy();
    if (cursor_.Accept("WITH", "SYSTEM", "VERSIONING")) return Done(SetSystemVersioning{true});
    if (cursor_.Accept("FORCE") || cursor_.Accept("ENABLE", "KEYS") ||
        cursor_.Accept("DISABLE", "KEYS") ||
        (IsMySql() &&
         (cursor_.AcceptAny("SECONDARY_LOAD", "SECONDARY_UNLOAD") ||
          cursor_.Accept("WITH", "VALIDATION") || cursor_.Accept("WITHOUT", "VALIDATION")))) {
      return Done(NoDefinitionChange{});
    }
    if (cursor_.Accept("DISCARD", "TABLESPACE")) return Done(DiscardTablespace{});
    if (cursor_.Accept("IMPORT", "TABLESPACE")) return Done(ImportTablespace{});
    GODWIT_ASSIGN_OR_RETURN(bool algorithm_or_lock, SkipAlgorithmOrLock(cursor_));
    if (algorithm_or_lock) return Done(NoDefinitionChange{});
    GODWIT_ASSIGN_OR_RETURN(bool partitions, ParsePartitionAction(cursor_, result_.actions));
    if (partitions) return base::OkStatus();
    SetOptions set;
    GODWIT_ASSIGN_OR_RETURN(after_option_, ParseTableOption(cursor_, set.options));
    if (!after_option_) return cursor_.Error("an action of ALTER TABLE");
    ChooseUtf8mb4(cursor_.options(), set.options.charset);
    return Done(std::move(set));
  }

  base::Status ParseAdd() {
    if (cursor_.Accept("PARTITION")) return ParseAddPartitions(cursor_, result_.actions);
    if (cursor_.Accept("SYSTEM", "VERSIONING")) return Done(SetSystemVersioning{true});
    if (!cursor_.Accept("COLUMN")) {
      GODWIT_ASSIGN_OR_RETURN(ParsedElement element, ParseElement(cursor_, result_.table.schema));
      if (element.found()) {
        AddElement(std::move(element));
        return base::OkStatus();
      }
    }
    AddColumn add;
    add.if_not_exists = IfNotExists(cursor_);
    if (!cursor_.AcceptSymbol('(')) return ParseAddedColumn(std::move(add));
    do {
      GODWIT_ASSIGN_OR_RETURN(ParsedElement element, ParseElement(cursor_, result_.table.schema));
      if (element.found()) {
        AddElement(std::move(element));
      } else {
        GODWIT_RETURN_IF_ERROR(ParseAddedColumn(add));
      }
    } while (cursor_.AcceptSymbol(','));
    return cursor_.ExpectSymbol(')');
  }

  base::Status ParseAddedColumn(AddColumn add) {
    GODWIT_ASSIGN_OR_RETURN(ParsedColumn parsed, ParseColumn(cursor_, result_.table.schema));
    add.column = std::move(parsed.column);
    GODWIT_ASSIGN_OR_RETURN(add.place, ParsePlacement());
    const bool if_not_exists = add.if_not_exists;
    result_.actions.emplace_back(std::move(add));
    AddKeys(std::move(parsed.keys), {}, if_not_exists);  // also where the column was there
    AddKeys({}, std::move(parsed.foreign_keys), false);
    AddChecks(std::move(parsed.checks), false);
    return base::OkStatus();
  }

  void AddChecks(std::vector<CheckDefinition> checks, bool if_not_exists) {
    for (CheckDefinition& check : checks)
      result_.actions.emplace_back(AddCheck{std::move(check), if_not_exists});
  }

  void AddElement(ParsedElement element) {
    AddKeys(std::move(element.keys), std::move(element.foreign_keys), element.if_not_exists);
    AddChecks(std::move(element.checks), element.if_not_exists);
    for (PeriodDefinition& period : element.periods) {
      result_.actions.emplace_back(AddPeriod{std::move(period), element.if_not_exists});
    }
  }

  void AddKeys(std::vector<KeyDefinition> keys, std::vector<model::ForeignKey> foreign_keys,
               bool if_not_exists) {
    for (KeyDefinition& key : keys)
      result_.actions.emplace_back(AddKey{std::move(key), if_not_exists});
    for (model::ForeignKey& foreign_key : foreign_keys) {
      result_.actions.emplace_back(AddForeignKey{std::move(foreign_key), if_not_exists});
    }
  }

  base::StatusOr<Placement> ParsePlacement() {
    Placement place;
    if (cursor_.Accept("FIRST")) {
      place.first = true;
    } else if (cursor_.Accept("AFTER")) {
      GODWIT_ASSIGN_OR_RETURN(place.after, cursor_.ExpectName("a column name"));
    }
    return place;
  }

  base::Status ParseDrop() {
    if (cursor_.Accept("PRIMARY", "KEY")) return Done(DropKey{"PRIMARY"});
    if (cursor_.Accept("SYSTEM", "VERSIONING")) return Done(SetSystemVersioning{false});
    if (cursor_.Accept("PERIOD", "FOR")) return ParseDropNamed<DropPeriod>();
    if (cursor_.Accept("PERIOD", "IF", "EXISTS", "FOR")) {
      GODWIT_ASSIGN_OR_RETURN(std::string period, cursor_.ExpectName("a name"));
      return Done(DropPeriod{std::move(period), true});
    }
    if (cursor_.Accept("FOREIGN", "KEY")) return ParseDropNamed<DropForeignKey>();
    if (cursor_.Accept("CONSTRAINT", "PRIMARY", "KEY")) return Done(DropKey{"PRIMARY"});
    if (cursor_.AcceptAny("CONSTRAINT", "CHECK")) return ParseDropNamed<DropConstraint>();
    if (cursor_.AcceptAny("KEY", "INDEX")) return ParseDropNamed<DropKey>();
    if (cursor_.Accept("PARTITION")) {
      DropPartitions drop;
      drop.if_exists = IfExists(cursor_);
      GODWIT_ASSIGN_OR_RETURN(drop.names, cursor_.ExpectNames("a partition's name"));
      return Done(std::move(drop));
    }
    cursor_.AcceptAny("COLUMN");
    GODWIT_RETURN_IF_ERROR(ParseDropNamed<DropColumn>());
    cursor_.AcceptAny("RESTRICT", "CASCADE");
    return base::OkStatus();
  }

  template <typename Action>
  base::Status ParseDropNamed() {
    Action drop;
    drop.if_exists = IfExists(cursor_);
    GODWIT_ASSIGN_OR_RETURN(drop.name, cursor_.ExpectName("a name"));
    return Done(std::move(drop));
  }

  base::Status ParseChange(bool renames) {
    ChangeColumn change;
    cursor_.AcceptAny("COLUMN");
    change.if_exists = IfExists(cursor_);
    if (renames) {
      GODWIT_ASSIGN_OR_RETURN(change.name, cursor_.ExpectName("a column name"));
    }
    GODWIT_ASSIGN_OR_RETURN(ParsedColumn parsed, ParseColumn(cursor_, result_.table.schema));
    change.column = std::move(parsed.column);
    if (!renames) change.name = change.column.name;
    GODWIT_ASSIGN_OR_RETURN(change.place, ParsePlacement());
    result_.actions.emplace_back(std::move(change));
    AddKeys(std::move(parsed.keys), std::move(parsed.foreign_keys), false);
    AddChecks(std::move(parsed.checks), false);
    return base::OkStatus();
  }

  base::Status ParseRename() {
    if (cursor_.Accept("COLUMN")) return ParseRenamePart<RenameColumn>();
    if (cursor_.AcceptAny("INDEX", "KEY")) return ParseRenamePart<RenameKey>();
    if (!cursor_.AcceptAny("TO", "AS")) cursor_.AcceptSymbol('=');
    GODWIT_ASSIGN_OR_RETURN(model::TableName name, cursor_.ExpectTable());
    return Done(RenameTo{std::move(name)});
  }

  template <typename Action>
  base::Status ParseRenamePart() {
    Action rename;
    rename.if_exists = IfExists(cursor_);
    GODWIT_ASSIGN_OR_RETURN(rename.from, cursor_.ExpectName("a name"));
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("TO"));
    GODWIT_ASSIGN_OR_RETURN(rename.to, cursor_.ExpectName("a name"));
    return Done(std::move(rename));
  }

  base::Status ParseAlter() {
    if (cursor_.AcceptAny("INDEX", "KEY")) {
      SetKeyIgnored set;
      set.if_exists = IfExists(cursor_);
      GODWIT_ASSIGN_OR_RETURN(set.key, cursor_.ExpectName("a key name"));
      if (IsMySql()) {
        set.ignored = cursor_.Is("INVISIBLE");
        if (!cursor_.AcceptAny("VISIBLE", "INVISIBLE"))
          return cursor_.Error("VISIBLE or INVISIBLE");
        return Done(std::move(set));
      }
      set.ignored = !cursor_.Accept("NOT");
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("IGNORED"));
      return Done(std::move(set));
    }
    if (IsMySql() && cursor_.AcceptAny("CHECK", "CONSTRAINT")) {
      SetCheckEnforced set;
      GODWIT_ASSIGN_OR_RETURN(set.name, cursor_.ExpectName("a check's name"));
      set.enforced = !cursor_.Accept("NOT");
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("ENFORCED"));
      return Done(std::move(set));
    }
    SetColumnDefault set;
    cursor_.AcceptAny("COLUMN");
    set.if_exists = IfExists(cursor_);
    GODWIT_ASSIGN_OR_RETURN(set.column, cursor_.ExpectName("a column name"));
    if (!cursor_.Accept("DROP", "DEFAULT")) {
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("SET"));
      if (IsMySql() && (cursor_.Is("VISIBLE") || cursor_.Is("INVISIBLE"))) {
        const bool visible = cursor_.Is("VISIBLE");
        cursor_.Skip();
        return Done(SetColumnVisible{std::move(set.column), visible});
      }
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("DEFAULT"));
      GODWIT_ASSIGN_OR_RETURN(set.default_value, ParseDefaultExpression(cursor_));
    }
    return Done(std::move(set));
  }

  base::Status ParseConvertCharset() {
    ConvertCharset convert;
    GODWIT_ASSIGN_OR_RETURN(bool charset, ParseCharset(cursor_, convert.charset));
    if (!charset) return cursor_.Error("CHARACTER SET");
    if (cursor_.Is("COLLATE"))
      GODWIT_RETURN_IF_ERROR(ParseCharset(cursor_, convert.charset).status());
    ChooseUtf8mb4(cursor_.options(), convert.charset);
    return Done(std::move(convert));
  }

  // The order of rows is no part of a definition; the list's commas are not the actions'.
  base::Status SkipOrderBy() {
    do {
      GODWIT_RETURN_IF_ERROR(cursor_.ExpectName("a column name").status());
      while (cursor_.AcceptSymbol('.'))
        GODWIT_RETURN_IF_ERROR(cursor_.ExpectName("a column name").status());
      cursor_.AcceptAny("ASC", "DESC");
    } while (cursor_.AcceptSymbol(','));
    return Done(NoDefinitionChange{});
  }

  TokenCursor& cursor_;
  AlterTable result_;
  bool after_option_ = false;
};

}  // namespace

base::StatusOr<AlterTable> ParseAlterTable(TokenCursor& cursor) {
  return AlterParser(cursor).Run();
}

base::Status SkipWait(TokenCursor& cursor) {
  if (cursor.Accept("WAIT")) return cursor.ExpectNumber("a number of seconds").status();
  cursor.AcceptAny("NOWAIT");
  return base::OkStatus();
}

base::StatusOr<bool> SkipAlgorithmOrLock(TokenCursor& cursor) {
  if (!cursor.AcceptAny("ALGORITHM", "LOCK")) return false;
  cursor.AcceptSymbol('=');
  GODWIT_RETURN_IF_ERROR(cursor.ExpectName("a method").status());
  return true;
}

}  // namespace godwit::sql
