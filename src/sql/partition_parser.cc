#include "sql/table_parser.h"

namespace godwit::sql {
namespace {

bool AtMethodEnd(const TokenCursor& cursor) {
  return cursor.AtEnd() || cursor.IsSymbol('(') || cursor.IsSymbol(',') ||
         cursor.Is("PARTITIONS") || cursor.Is("SUBPARTITION") || cursor.Is("SUBPARTITIONS");
}

// `[LINEAR] {HASH | KEY | RANGE | LIST} [ALGORITHM = n] [COLUMNS] (...)` or `SYSTEM_TIME [INTERVAL
// ... | LIMIT ...]`.
base::StatusOr<std::string> ParseMethod(TokenCursor& cursor) {
  size_t begin = cursor.position();
  if (cursor.Accept("SYSTEM_TIME")) {
    while (!AtMethodEnd(cursor)) {
      // INTERVAL (1 + 1) DAY, INTERVAL f(x) DAY, STARTS (...): what is no list of partitions.
      cursor.Skip();
      if (cursor.IsSymbol('(') && !cursor.Is("PARTITION", 1)) {
        GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
      }
    }
    return cursor.TextFrom(begin);
  }
  cursor.AcceptAny("LINEAR");
  if (!cursor.AcceptAny("HASH", "KEY", "RANGE", "LIST"))
    return cursor.Error("a partitioning method");
  if (cursor.Accept("ALGORITHM")) {
    GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('='));
    GODWIT_RETURN_IF_ERROR(cursor.ExpectNumber("a number").status());
  }
  cursor.AcceptAny("COLUMNS");
  GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
  return cursor.TextFrom(begin);
}

}  // namespace

base::StatusOr<Partition> ParsePartition(TokenCursor& cursor) {
  Partition partition;
  GODWIT_ASSIGN_OR_RETURN(partition.name, cursor.ExpectName("a partition's name"));
  size_t begin = cursor.position();
  GODWIT_RETURN_IF_ERROR(cursor.SkipToListEnd());
  partition.text = cursor.TextFrom(begin);
  return partition;
}

base::StatusOr<std::vector<Partition>> ParsePartitionList(TokenCursor& cursor) {
  std::vector<Partition> partitions;
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('('));
  do {
    cursor.AcceptAny("PARTITION");  // the server asks for it only where it would be unclear
    GODWIT_ASSIGN_OR_RETURN(Partition partition, ParsePartition(cursor));
    partitions.push_back(std::move(partition));
  } while (cursor.AcceptSymbol(','));
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
  return partitions;
}

base::StatusOr<Partitioning> ParsePartitioning(TokenCursor& cursor) {
  Partitioning partitioning;
  GODWIT_ASSIGN_OR_RETURN(partitioning.method, ParseMethod(cursor));
  if (cursor.Accept("PARTITIONS")) {
    GODWIT_ASSIGN_OR_RETURN(partitioning.count, cursor.ExpectNumber("a number"));
  }
  if (cursor.Accept("SUBPARTITION", "BY")) {
    size_t begin = cursor.position();
    GODWIT_RETURN_IF_ERROR(ParseMethod(cursor).status());
    if (cursor.Accept("SUBPARTITIONS")) {
      GODWIT_RETURN_IF_ERROR(cursor.ExpectNumber("a number").status());
    }
    partitioning.subpartition = cursor.TextFrom(begin);
  }
  const bool select = cursor.Is("SELECT", 1) || cursor.Is("WITH", 1) || cursor.Is("VALUES", 1);
  if (cursor.IsSymbol('(') && cursor.IsName(1) && !select) {
    GODWIT_ASSIGN_OR_RETURN(partitioning.partitions, ParsePartitionList(cursor));
  }
  return partitioning;
}

}  // namespace godwit::sql
