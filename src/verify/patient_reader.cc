#include "verify/patient_reader.h"

#include "verify/patience.h"
#include "verify/row_text.h"

namespace godwit::verify {
namespace {

using connector::ComparedRow;
using connector::RowDetail;
using connector::RowsEnd;

// Hands rows to a lambda.
template <typename Use>
class Visitor : public connector::RowVisitor {
 public:
  explicit Visitor(Use use) : use_(std::move(use)) {}
  void Visit(const ComparedRow& row) override { use_(row); }

 private:
  Use use_;
};

}  // namespace

PatientReader::PatientReader(std::unique_ptr<connector::RowReader> reader,
                             std::chrono::milliseconds retry_for, VerifyProgress& progress,
                             std::stop_token stop)
    : reader_(std::move(reader)),
      retry_for_(retry_for),
      progress_(progress),
      stop_(std::move(stop)),
      on_stop_(stop_, [this] { reader_->Cancel(); }) {}

void PatientReader::Count(const RowsEnd& end) { progress_.bytes += end.bytes; }

base::StatusOr<PatientReader::Stretch> PatientReader::ReadStretch(const model::Table& table,
                                                                  const connector::KeyRange& range,
                                                                  uint64_t row_limit) {
  return CallPatiently(retry_for_, stop_, progress_.trouble, [&]() -> base::StatusOr<Stretch> {
    RunningDigest digest;
    Visitor visitor([&](const ComparedRow& row) { digest.Add(row.bytes); });
    GODWIT_ASSIGN_OR_RETURN(RowsEnd end,
                            reader_->Read(table, range, row_limit, RowDetail::kBytes, visitor));
    Count(end);
    return Stretch{digest.Get(), std::move(end)};
  });
}

base::StatusOr<PatientReader::Page> PatientReader::ReadPage(const model::Table& table,
                                                            const connector::KeyRange& range,
                                                            uint64_t row_limit) {
  return CallPatiently(retry_for_, stop_, progress_.trouble, [&]() -> base::StatusOr<Page> {
    Page page;
    Visitor visitor(
        [&](const ComparedRow& row) { page.rows.emplace_back(row.key, DigestOf(row.bytes)); });
    GODWIT_ASSIGN_OR_RETURN(
        page.end, reader_->Read(table, range, row_limit, RowDetail::kKeyAndValues, visitor));
    Count(page.end);
    return page;
  });
}

base::StatusOr<PatientReader::RowsByKey> PatientReader::ReadKeys(const model::Table& table,
                                                                 std::span<const std::string> keys,
                                                                 bool closely) {
  return CallPatiently(retry_for_, stop_, progress_.trouble, [&]() -> base::StatusOr<RowsByKey> {
    RowsByKey rows;
    Visitor visitor([&](const ComparedRow& row) {
      CloseRow& close = rows[std::string(row.key)];
      close.digest = DigestOf(row.bytes);
      if (!closely) return;
      close.text = RowText(table, row.values);
      for (const auto& value : row.values) {
        // NULL is told from the empty value by the seed.
        const std::string_view bytes = value.value_or(std::string_view());
        close.columns.push_back(XXH3_64bits_withSeed(bytes.data(), bytes.size(), value ? 1 : 0));
      }
    });
    GODWIT_RETURN_IF_ERROR(reader_->ReadKeys(table, keys, visitor));
    return rows;
  });
}

base::Status PatientReader::ReadAll(const model::Table& table, RowDetail detail,
                                    const std::function<void()>& begin,
                                    connector::RowVisitor& visitor) {
  return CallPatiently(retry_for_, stop_, progress_.trouble, [&]() -> base::Status {
    begin();
    GODWIT_ASSIGN_OR_RETURN(RowsEnd end, reader_->Read(table, {}, 0, detail, visitor));
    Count(end);
    return base::OkStatus();
  });
}

}  // namespace godwit::verify
