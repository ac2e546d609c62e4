#include "verify/compared_table.h"

namespace godwit::verify {

void ComparedTable::AddEqual(uint64_t rows) {
  std::lock_guard lock(mutex_);
  report_.equal += rows;
}

void ComparedTable::AddUnsettled(uint64_t rows) {
  std::lock_guard lock(mutex_);
  report_.unsettled += rows;
}

void ComparedTable::Add(Difference difference, uint64_t rows) {
  std::lock_guard lock(mutex_);
  switch (difference) {
    case Difference::kMissing:
      report_.missing += rows;
      break;
    case Difference::kExtra:
      report_.extra += rows;
      break;
    case Difference::kDifferent:
      report_.different += rows;
      break;
  }
}

void ComparedTable::AddSample(RowSample sample) {
  std::lock_guard lock(mutex_);
  if (report_.samples.size() < most_samples_) report_.samples.push_back(std::move(sample));
}

void ComparedTable::Fail(std::string problem) {
  std::lock_guard lock(mutex_);
  if (report_.result == TableResult::kNotComparable) return;
  report_.result = TableResult::kNotComparable;
  report_.problem = std::move(problem);
}

bool ComparedTable::failed() const {
  std::lock_guard lock(mutex_);
  return report_.result == TableResult::kNotComparable;
}

uint64_t ComparedTable::differing() const {
  std::lock_guard lock(mutex_);
  return report_.missing + report_.extra + report_.different;
}

void ComparedTable::AddLeftOut(uint64_t rows) {
  std::lock_guard lock(mutex_);
  report_.left_out += rows;
}

TableReport ComparedTable::Report() const {
  std::lock_guard lock(mutex_);
  TableReport report = report_;
  if (report.result == TableResult::kEqual &&
      report.missing + report.extra + report.different > 0) {
    report.result = TableResult::kDifferent;
  }
  return report;
}

}  // namespace godwit::verify
