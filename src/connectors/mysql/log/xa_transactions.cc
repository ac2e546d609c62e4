#include "connectors/mysql/log/xa_transactions.h"

#include <utility>

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kMostBytes = 8 * 1024 * 1024;

}  // namespace

XaTransactions::XaTransactions(std::map<std::string, XaPlace> prepared) {
  for (auto& [name, place] : prepared) prepared_[name] = {{name, std::move(place), nullptr}};
}

void XaTransactions::Begin(XaPlace begin) { open_ = Open{std::move(begin)}; }

void XaTransactions::Capture(const wire::mysql::Event& event) {
  if (!open_->whole) return;
  open_->events.push_back({event.header, std::string(event.body)});
  const size_t bytes = sizeof(XaChanges::Event) + event.body.size();
  open_->bytes += bytes;
  bytes_ += bytes;
  if (bytes_ <= kMostBytes) return;
  bytes_ -= std::exchange(open_->bytes, 0);
  open_->events = {};
  open_->whole = false;
}

XaChanges XaTransactions::Close(const std::string& name) {
  XaChanges changes{name, std::move(open_->begin), nullptr};
  if (open_->whole) {
    changes.events =
        std::make_shared<const std::vector<XaChanges::Event>>(std::move(open_->events));
  }
  return changes;
}

void XaTransactions::Prepared(const std::string& name) {
  const size_t bytes = open_->bytes;
  prepared_[name] = {Close(name), bytes};
  open_.reset();
}

XaChanges XaTransactions::CommittedAtOnce(const std::string& name) {
  bytes_ -= open_->bytes;
  XaChanges changes = Close(name);
  open_.reset();
  return changes;
}

std::optional<XaChanges> XaTransactions::Take(const std::string& name) {
  auto node = prepared_.extract(name);
  if (node.empty()) return std::nullopt;
  bytes_ -= node.mapped().bytes;
  return std::move(node.mapped().changes);
}

std::map<std::string, XaPlace> XaTransactions::Places() const {
  std::map<std::string, XaPlace> places;
  for (const auto& [name, held] : prepared_) places[name] = held.changes.begin;
  return places;
}

}  // namespace godwit::connectors::mysql
