#include "connectors/postgres/copy/large_object_writer.h"

#include <absl/strings/str_join.h>

#include <map>
#include <set>

#include "base/failpoint.h"
#include "connectors/postgres/apply/write_session.h"
#include "connectors/postgres/connection/bound_statement.h"
#include "connectors/postgres/copy/large_objects.h"
#include "connectors/postgres/definition/catalog_sql.h"
#include "connectors/postgres/schema/rights.h"
#include "connectors/postgres/state/state_tables.h"

namespace godwit::connectors::postgres {
namespace {

using connector::IfExists;
using connector::kLargeObjectPart;
using connector::LargeObject;
using connector::LargeObjectCounts;
using connector::LargeObjectOrder;
using connector::LargeObjectPart;
using connector::LargeObjectReader;

constexpr size_t kAtOnce = 256;        // objects; each takes a lock where it is removed
constexpr size_t kPartsAtOnce = 4;     // sent as text that is twice as long
constexpr size_t kDigestsAtOnce = 64;  // parts
constexpr uint64_t kMostNumber = UINT32_MAX;

std::string StateTableOf(const StateStore& store) {
  return StateTable(store.schema(), "task_large_object");
}

template <typename Number>
std::string ArrayOf(const std::vector<Number>& numbers) {
  return fmt::format("{{{}}}", absl::StrJoin(numbers, ","));
}

// One that is to become what the source's is.
struct Wanted {
  LargeObject object;
  LargeObject there;    // as the target has it; of size 0 where it has none
  bool exists = false;  // on the target
  bool own = false;     // the task has made it
  bool IsLarge() const { return object.size > kLargeObjectPart; }
  // But for its bytes.
  bool IsAlike() const {
    return exists && object.size == there.size && object.comment == there.comment;
  }
  bool IsSame() const { return IsAlike() && object.digest == there.digest; }
};

class Taker {
 public:
  Taker(Connection& target, const StateStore& store, LargeObjectReader& source,
        const LargeObjectOrder& order)
      : target_(target), store_(store), source_(source), order_(order) {}

  base::StatusOr<LargeObjectCounts> Take() {
    uint64_t after = 0;
    for (bool last = false; !last;) {
      GODWIT_RETURN_IF_ERROR(Continue());
      GODWIT_RETURN_IF_ERROR(source_.NewSnapshot());
      GODWIT_ASSIGN_OR_RETURN(const std::vector<LargeObject> objects, source_.List(after, kAtOnce));
      last = objects.size() < kAtOnce;
      const uint64_t upto = last ? kMostNumber : objects.back().number;
      GODWIT_RETURN_IF_ERROR(RemoveGone(after, upto, objects));
      GODWIT_RETURN_IF_ERROR(TakeAll(objects));
      after = upto;
    }
    WarnOfRights(left_out_);
    return counts_;
  }

 private:
  base::Status Continue() const {
    return order_.stop.stop_requested() ? base::Cancelled("stopped by the operator")
                                        : base::OkStatus();
  }

  // Of these numbers, which are all that the source has of (after, upto].
  base::Status RemoveGone(uint64_t after, uint64_t upto, const std::vector<LargeObject>& objects) {
    while (true) {
      GODWIT_ASSIGN_OR_RETURN(
          const std::vector<ResultRow> rows,
          QueryBound(target_,
                     fmt::format("SELECT number FROM {} WHERE task = $1 AND number > $2 AND number "
                                 "<= $3 AND number <> ALL($4::bigint[]) ORDER BY number LIMIT {}",
                                 StateTableOf(store_), kAtOnce),
                     store_.task(), after, upto, ArrayOf(NumbersOf(objects))));
      if (rows.empty()) return base::OkStatus();
      GODWIT_RETURN_IF_ERROR(Continue());
      std::vector<std::string> gone;
      for (const ResultRow& row : rows) gone.push_back(TextOf(row[0]));
      const base::Status removed = store_.Fenced(target_, [&]() -> base::Status {
        GODWIT_RETURN_IF_ERROR(
            ExecuteBound(
                target_,
                fmt::format("DELETE FROM {} WHERE task = $1 AND number = ANY($2::bigint[])",
                            StateTableOf(store_)),
                store_.task(), ArrayOf(gone))
                .status());
        return target_
            .Execute(fmt::format("SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = "
                                 "ANY({})",
                                 OidArray(gone)))
            .status();
      });
      GODWIT_RETURN_IF_ERROR(removed);
      counts_.removed += gone.size();
    }
  }

  base::Status TakeAll(const std::vector<LargeObject>& objects) {
    if (objects.empty()) return base::OkStatus();
    counts_.seen += objects.size();
    GODWIT_ASSIGN_OR_RETURN(std::vector<Wanted> wanted, Compare(objects));
    std::vector<Wanted> differing, large;
    uint64_t bytes = 0;
    for (Wanted& one : wanted) {
      if (one.IsLarge()) {
        large.push_back(std::move(one));
        continue;
      }
      if (one.IsSame()) continue;
      GODWIT_RETURN_IF_ERROR(ExpectOurs(one));
      if (bytes + one.object.size > kPartsAtOnce * kLargeObjectPart) {
        GODWIT_RETURN_IF_ERROR(WriteSmall(std::exchange(differing, {})));
        bytes = 0;
      }
      bytes += one.object.size;
      differing.push_back(std::move(one));
    }
    if (!differing.empty()) GODWIT_RETURN_IF_ERROR(WriteSmall(differing));
    for (const Wanted& one : large) GODWIT_RETURN_IF_ERROR(TakeLarge(one.object.number));
    if (!order_.rights) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(const std::vector<connector::CatalogObject> rights,
                            source_.Rights(objects));
    for (const connector::CatalogObject& of_role : rights)
      GODWIT_RETURN_IF_ERROR(GiveRights(target_, of_role, left_out_));
    return base::OkStatus();
  }

  base::StatusOr<std::vector<Wanted>> Compare(const std::vector<LargeObject>& objects) {
    const std::vector<std::string> numbers = NumbersOf(objects);
    GODWIT_ASSIGN_OR_RETURN(std::vector<LargeObject> found, DescribeLargeObjects(target_, numbers));
    GODWIT_ASSIGN_OR_RETURN(
        const std::vector<ResultRow> rows,
        QueryBound(
            target_,
            fmt::format("SELECT number FROM {} WHERE task = $1 AND number = ANY($2::bigint[])",
                        StateTableOf(store_)),
            store_.task(), ArrayOf(numbers)));
    std::set<uint64_t> own;
    for (const ResultRow& row : rows) own.insert(NumberOf(row[0]));
    std::map<uint64_t, LargeObject> there;
    for (LargeObject& one : found) there[one.number] = std::move(one);
    std::vector<Wanted> wanted;
    for (const LargeObject& object : objects) {
      const auto known = there.find(object.number);
      Wanted& one = wanted.emplace_back();
      one.object = object;
      one.exists = known != there.end();
      one.own = own.contains(object.number);
      if (one.exists)
        one.there = std::move(known->second);
      else
        one.there = {.number = object.number, .comment = NoLargeObjectComment(object.number)};
    }
    return wanted;
  }

  // Of one that differs.
  base::Status ExpectOurs(const Wanted& one) const {
    if (!one.exists || one.own || order_.if_exists == IfExists::kReplace) return base::OkStatus();
    return base::FailedPrecondition(
        "target: large object {0} exists already, and differs from the source's of this number; "
        "drop it there (SELECT lo_unlink({0})) if nobody needs it, or say target: {{if_exists: "
        "replace}} in the task file. Of several tasks with one source database only one may have "
        "`large_objects: copy`",
        one.object.number);
  }

  // Within a transaction: it is there, in its size and with its comment, and on record.
  base::Status Shape(const std::vector<Wanted>& objects) {
    std::vector<uint64_t> missing, all, resized, sizes;
    std::string comments;
    for (const Wanted& one : objects) {
      const uint64_t number = one.object.number;
      all.push_back(number);
      if (!one.exists) missing.push_back(number);
      if (one.object.size != one.there.size) {
        resized.push_back(number);
        sizes.push_back(one.object.size);
      }
      if (one.object.comment != one.there.comment) comments += one.object.comment + ";\n";
    }
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(target_, "SELECT lo_create(n) FROM unnest($1::oid[]) AS n", ArrayOf(missing))
            .status());
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(target_,
                     fmt::format("INSERT INTO {} (task, number) SELECT $1, n FROM "
                                 "unnest($2::bigint[]) AS n ON CONFLICT DO NOTHING",
                                 StateTableOf(store_)),
                     store_.task(), ArrayOf(all))
            .status());
    // 131072 is INV_WRITE. What is beyond the old end is a hole.
    GODWIT_RETURN_IF_ERROR(
        ExecuteBound(target_,
                     "SELECT lo_truncate64(lo_open(n, 131072), s) FROM unnest($1::oid[], "
                     "$2::bigint[]) AS q(n, s)",
                     ArrayOf(resized), ArrayOf(sizes))
            .status());
    return comments.empty() ? base::OkStatus() : target_.Execute(comments).status();
  }

  // Within a transaction.
  base::Status Put(const std::vector<LargeObjectPart>& parts,
                   const std::vector<std::string>& data) {
    if (parts.empty()) return base::OkStatus();
    std::vector<uint64_t> numbers, begins;
    std::string bytes = "{";
    for (size_t i = 0; i < parts.size(); ++i) {
      numbers.push_back(parts[i].number);
      begins.push_back(parts[i].part * kLargeObjectPart);
      // \x00ff, of which the array's text needs the backslash twice.
      bytes += fmt::format("{}\"\\{}\"", i == 0 ? "" : ",", data[i]);
      counts_.bytes += data[i].size() / 2 - 1;
    }
    bytes += "}";
    return ExecuteBound(target_,
                        "SELECT lo_put(n, b, d) FROM unnest($1::oid[], $2::bigint[], $3::bytea[]) "
                        "AS q(n, b, d)",
                        ArrayOf(numbers), ArrayOf(begins), bytes)
        .status();
  }

  // Each whole in one transaction.
  base::Status WriteSmall(const std::vector<Wanted>& objects) {
    GODWIT_RETURN_IF_ERROR(Continue());
    std::vector<LargeObjectPart> parts;
    for (const Wanted& one : objects) {
      const bool same_data =
          one.exists && one.object.size == one.there.size && one.object.digest == one.there.digest;
      if (one.object.size != 0 && !same_data) parts.push_back({one.object.number, 0});
    }
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> data, source_.Read(parts));
    const base::Status done = store_.Fenced(target_, [&]() -> base::Status {
      GODWIT_RETURN_IF_ERROR(Shape(objects));
      GODWIT_RETURN_IF_ERROR(Put(parts, data));
      base::Failpoint("large_objects.before_commit");
      return base::OkStatus();
    });
    GODWIT_RETURN_IF_ERROR(done);
    counts_.written += objects.size();
    return base::OkStatus();
  }

  // All of it as of one moment, whose snapshot is held as long as this takes; written bit by bit.
  base::Status TakeLarge(uint64_t number) {
    GODWIT_RETURN_IF_ERROR(source_.NewSnapshot());
    GODWIT_ASSIGN_OR_RETURN(const std::vector<LargeObject> now, source_.List(number - 1, 1));
    if (now.empty() || now[0].number != number) return RemoveGone(number - 1, number, {});
    GODWIT_ASSIGN_OR_RETURN(const std::vector<Wanted> compared, Compare(now));
    Wanted one = compared.front();
    bool written = false;
    // Holes and what an earlier run has brought over are not sent.
    const auto write = [&](const std::vector<LargeObjectPart>& parts) -> base::Status {
      GODWIT_RETURN_IF_ERROR(Continue());
      GODWIT_RETURN_IF_ERROR(ExpectOurs(one));
      GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> data, source_.Read(parts));
      const base::Status done = store_.Fenced(target_, [&]() -> base::Status {
        if (!one.IsAlike() || !one.own) GODWIT_RETURN_IF_ERROR(Shape({one}));
        GODWIT_RETURN_IF_ERROR(Put(parts, data));
        base::Failpoint("large_objects.before_commit");
        return base::OkStatus();
      });
      GODWIT_RETURN_IF_ERROR(done);
      one.there = one.object;
      one.exists = one.own = written = true;
      return base::OkStatus();
    };
    if (!one.IsAlike()) GODWIT_RETURN_IF_ERROR(write({}));
    const uint64_t count = (one.object.size + kLargeObjectPart - 1) / kLargeObjectPart;
    for (uint64_t part = 0; part < count; part += kDigestsAtOnce) {
      GODWIT_RETURN_IF_ERROR(Continue());
      const LargeObjectPart first{number, part};
      GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> ours,
                              source_.Digests(first, kDigestsAtOnce));
      GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> theirs,
                              DigestParts(target_, first, kDigestsAtOnce));
      std::vector<LargeObjectPart> parts;
      for (size_t i = 0; i < ours.size(); ++i) {
        if (i < theirs.size() && ours[i] == theirs[i]) continue;
        parts.push_back({number, part + i});
        if (parts.size() == kPartsAtOnce) GODWIT_RETURN_IF_ERROR(write(std::exchange(parts, {})));
      }
      if (!parts.empty()) GODWIT_RETURN_IF_ERROR(write(parts));
    }
    counts_.written += written ? 1 : 0;
    return base::OkStatus();
  }

  Connection& target_;
  const StateStore& store_;
  LargeObjectReader& source_;
  const LargeObjectOrder& order_;
  LargeObjectCounts counts_;
  std::vector<std::string> left_out_;
};

}  // namespace

base::StatusOr<LargeObjectCounts> TakeLargeObjects(Connection& target, const StateStore& store,
                                                   LargeObjectReader& source,
                                                   const LargeObjectOrder& order) {
  std::stop_callback cancel(order.stop, [&] { target.Cancel(); });
  GODWIT_RETURN_IF_ERROR(BeginWriting(target, Holding::kByAbsence));
  return Taker(target, store, source, order).Take();
}

base::StatusOr<uint64_t> CountOtherLargeObjects(Connection& target, const StateStore& store,
                                                bool known) {
  const std::string own =
      known ? fmt::format(" WHERE oid NOT IN (SELECT number::oid FROM {} WHERE task = $1)",
                          StateTableOf(store))
            : " WHERE $1::text IS NOT NULL";
  GODWIT_ASSIGN_OR_RETURN(
      const std::vector<ResultRow> rows,
      QueryBound(target, "SELECT count(*) FROM pg_largeobject_metadata" + own, store.task()));
  return NumberOf(rows.at(0).at(0));
}

}  // namespace godwit::connectors::postgres
