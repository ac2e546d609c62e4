#include "sql/partition_action_parser.h"

#include "sql/table_parser.h"

namespace godwit::sql {
namespace {

class PartitionActionParser {
 public:
  PartitionActionParser(TokenCursor& cursor, std::vector<AlterAction>& actions)
      : cursor_(cursor), actions_(actions) {}

  base::Status ParseAdd() {
    AddPartitions add;
    add.if_not_exists = cursor_.Accept("IF", "NOT", "EXISTS");
    SkipNoWriteToBinlog();
    if (cursor_.Accept("PARTITIONS")) {
      GODWIT_ASSIGN_OR_RETURN(add.count, cursor_.ExpectNumber("a number"));
    } else {
      GODWIT_ASSIGN_OR_RETURN(add.partitions, ParsePartitionList(cursor_));
    }
    return Done(std::move(add));
  }

  base::StatusOr<bool> ParseAction() {
    if (cursor_.Accept("PARTITION", "BY")) {
      SetPartitioning set;
      GODWIT_ASSIGN_OR_RETURN(set.partitioning, ParsePartitioning(cursor_));
      actions_.emplace_back(std::move(set));
    } else if (cursor_.Accept("REMOVE", "PARTITIONING")) {
      actions_.emplace_back(SetPartitioning{});
    } else if (cursor_.Accept("COALESCE", "PARTITION")) {
      SkipNoWriteToBinlog();
      CoalescePartitions coalesce;
      GODWIT_ASSIGN_OR_RETURN(coalesce.count, cursor_.ExpectNumber("a number"));
      actions_.emplace_back(coalesce);
    } else if (cursor_.Accept("TRUNCATE", "PARTITION")) {
      TruncatePartitions truncate;
      GODWIT_ASSIGN_OR_RETURN(truncate.names, ParseNames());
      actions_.emplace_back(std::move(truncate));
    } else if (cursor_.Accept("REORGANIZE", "PARTITION")) {
      GODWIT_RETURN_IF_ERROR(ParseReorganize());
    } else if (cursor_.Accept("EXCHANGE", "PARTITION")) {
      GODWIT_RETURN_IF_ERROR(ParseExchange());
    } else if (cursor_.Is("CONVERT")) {
      GODWIT_RETURN_IF_ERROR(ParseConvert());
    } else if (cursor_.Accept("REBUILD", "PARTITION") || cursor_.Accept("OPTIMIZE", "PARTITION") ||
               cursor_.Accept("ANALYZE", "PARTITION") || cursor_.Accept("CHECK", "PARTITION") ||
               cursor_.Accept("REPAIR", "PARTITION")) {
      GODWIT_RETURN_IF_ERROR(ParseNames().status());
      while (cursor_.AcceptAny("QUICK", "EXTENDED", "MEDIUM", "FAST", "CHANGED", "USE_FRM") ||
             cursor_.Accept("FOR", "UPGRADE")) {
      }
      actions_.emplace_back(NoDefinitionChange{});
    } else if (cursor_.Is("DISCARD") || cursor_.Is("IMPORT")) {
      const bool import = cursor_.Accept("IMPORT", "PARTITION");
      if (!import && !cursor_.Accept("DISCARD", "PARTITION")) return false;
      GODWIT_RETURN_IF_ERROR(ParseNames().status());
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("TABLESPACE"));
      if (import)
        actions_.emplace_back(ImportTablespace{});
      else
        actions_.emplace_back(DiscardTablespace{});
    } else {
      return false;
    }
    return true;
  }

 private:
  template <typename Action>
  base::Status Done(Action action) {
    actions_.emplace_back(std::move(action));
    return base::OkStatus();
  }

  void SkipNoWriteToBinlog() { cursor_.AcceptAny("NO_WRITE_TO_BINLOG", "LOCAL"); }

  // Names after PARTITION; none for ALL.
  base::StatusOr<std::vector<std::string>> ParseNames() {
    SkipNoWriteToBinlog();
    if (cursor_.Accept("ALL")) return std::vector<std::string>();
    return cursor_.ExpectNames("a partition's name");
  }

  base::Status ParseReorganize() {
    ReorganizePartitions reorganize;
    SkipNoWriteToBinlog();
    if (!cursor_.AtEnd() && !cursor_.IsSymbol(',')) {
      GODWIT_ASSIGN_OR_RETURN(reorganize.names, cursor_.ExpectNames("a partition's name"));
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("INTO"));
      GODWIT_ASSIGN_OR_RETURN(reorganize.partitions, ParsePartitionList(cursor_));
    }
    return Done(std::move(reorganize));
  }

  void SkipValidation() {
    if (!cursor_.Accept("WITH", "VALIDATION")) cursor_.Accept("WITHOUT", "VALIDATION");
  }

  base::Status ParseExchange() {
    ExchangePartition exchange;
    GODWIT_ASSIGN_OR_RETURN(exchange.name, cursor_.ExpectName("a partition's name"));
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("WITH"));
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("TABLE"));
    GODWIT_ASSIGN_OR_RETURN(exchange.table, cursor_.ExpectTable());
    SkipValidation();
    return Done(std::move(exchange));
  }

  base::Status ParseConvert() {
    if (cursor_.Accept("CONVERT", "PARTITION")) {
      ConvertPartitionToTable convert;
      GODWIT_ASSIGN_OR_RETURN(convert.name, cursor_.ExpectName("a partition's name"));
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("TO"));
      GODWIT_RETURN_IF_ERROR(cursor_.Expect("TABLE"));
      GODWIT_ASSIGN_OR_RETURN(convert.table, cursor_.ExpectTable());
      return Done(std::move(convert));
    }
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("CONVERT"));
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("TABLE"));
    ConvertTableToPartition convert;
    GODWIT_ASSIGN_OR_RETURN(convert.table, cursor_.ExpectTable());
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("TO"));
    GODWIT_RETURN_IF_ERROR(cursor_.Expect("PARTITION"));
    GODWIT_ASSIGN_OR_RETURN(convert.partition, ParsePartition(cursor_));
    return Done(std::move(convert));
  }

  TokenCursor& cursor_;
  std::vector<AlterAction>& actions_;
};

}  // namespace

base::Status ParseAddPartitions(TokenCursor& cursor, std::vector<AlterAction>& actions) {
  return PartitionActionParser(cursor, actions).ParseAdd();
}

base::StatusOr<bool> ParsePartitionAction(TokenCursor& cursor, std::vector<AlterAction>& actions) {
  return PartitionActionParser(cursor, actions).ParseAction();
}

}  // namespace godwit::sql
