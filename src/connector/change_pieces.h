#pragma once

#include <absl/functional/function_ref.h>

#include <memory>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "connector/destination.h"

// Changes of a table of another family as those of the target's own table, a few MiB at a time.
// `Rows` converts its rows: Convert, source() and here(), as in PostgreSQL's ForeignRows.
namespace godwit::connector {

constexpr size_t kPieceBytes = 4 * 1024 * 1024;

// Takes a piece; `memory` holds its rows where they have to outlive the call.
using PieceUse = absl::FunctionRef<base::Status(const TableChanges& piece,
                                                const std::shared_ptr<const void>& memory)>;

// Converts the entries of one list, and hands them on in `piece`, whose list is `out`.
template <typename Entry, typename Convert>
base::Status InPieces(const std::vector<Entry>& in, TableChanges& piece, std::vector<Entry>& out,
                      Convert convert, PieceUse use) {
  auto arena = std::make_shared<base::Arena>();
  for (size_t i = 0; i < in.size(); ++i) {
    GODWIT_ASSIGN_OR_RETURN(Entry entry, convert(in[i], *arena));
    out.push_back(entry);
    if (i + 1 < in.size() && arena->bytes() < kPieceBytes) continue;
    GODWIT_RETURN_IF_ERROR(use(piece, arena));
    out.clear();
    arena = std::make_shared<base::Arena>();
  }
  return base::OkStatus();
}

// The row with nothing but its identity, where its table has one: a row that goes may hold what
// cannot be on the target.
template <typename Rows>
base::StatusOr<model::Row> ConvertIdentity(Rows& rows, model::Row row, base::Arena& arena) {
  const std::vector<int> identity = rows.source()->RowIdentity();
  if (identity.empty() || row.empty()) return rows.Convert(row, arena);
  std::vector<model::Cell> cells(row.size(), model::Cell::Absent());
  for (const int column : identity)
    cells[static_cast<size_t>(column)] = row[static_cast<size_t>(column)];
  return rows.Convert(cells, arena);
}

template <typename Rows>
TableChanges EmptyPiece(const TableChanges& changes, const Rows& rows) {
  TableChanges piece;
  piece.table = rows.here();
  piece.partial = changes.partial;
  piece.unique_keys_wait = changes.unique_keys_wait;
  return piece;
}

template <typename Rows>
base::Status DeletesInPieces(const TableChanges& changes, Rows& rows, PieceUse use) {
  TableChanges piece = EmptyPiece(changes, rows);
  const auto convert = [&](model::Row row, base::Arena& arena) {
    return ConvertIdentity(rows, row, arena);
  };
  return InPieces(changes.deletes, piece, piece.deletes, convert, use);
}

// All but the deletes, in the order in which they are to be done.
template <typename Rows>
base::Status OthersInPieces(const TableChanges& changes, Rows& rows, PieceUse use) {
  using Update = TableChanges::Update;
  TableChanges piece = EmptyPiece(changes, rows);
  const auto convert = [&](model::Row row, base::Arena& arena) { return rows.Convert(row, arena); };
  // A row is found by its identity: what else it held may be what cannot be here. Changes in order
  // may go by all of its values.
  const auto updates = [&](const std::vector<Update>& in, std::vector<Update>& out) {
    const bool whole = &in == &changes.ordered;
    return InPieces(
        in, piece, out,
        [&](const Update& update, base::Arena& arena) -> base::StatusOr<Update> {
          GODWIT_ASSIGN_OR_RETURN(const model::Row before,
                                  whole ? rows.Convert(update.before, arena)
                                        : ConvertIdentity(rows, update.before, arena));
          GODWIT_ASSIGN_OR_RETURN(const model::Row after, rows.Convert(update.after, arena));
          return Update{before, after};
        },
        use);
  };
  GODWIT_RETURN_IF_ERROR(updates(changes.claims, piece.claims));
  GODWIT_RETURN_IF_ERROR(updates(changes.partial_updates, piece.partial_updates));
  GODWIT_RETURN_IF_ERROR(updates(changes.updates, piece.updates));
  GODWIT_RETURN_IF_ERROR(InPieces(changes.inserts, piece, piece.inserts, convert, use));
  return updates(changes.ordered, piece.ordered);
}

}  // namespace godwit::connector
