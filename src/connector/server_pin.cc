#include "connector/server_pin.h"

#include <absl/status/status.h>

#include <utility>

namespace godwit::connector {

std::vector<size_t> ServerPin::ToTry(size_t hosts) const {
  {
    std::lock_guard lock(mutex_);
    if (choice_) return {choice_->host};
  }
  return Candidates(hosts);
}

std::vector<size_t> ServerPin::Candidates(size_t hosts) const {
  std::lock_guard lock(mutex_);
  std::vector<size_t> order = {last_host_};
  for (size_t host = 0; host < hosts; ++host) {
    if (host != last_host_) order.push_back(host);
  }
  return order;
}

base::Status ServerPin::Meet(const Choice& met, std::string_view where) {
  std::lock_guard lock(mutex_);
  if (!choice_) {
    choice_ = met;
    last_host_ = met.host;
    ++generation_;
    return base::OkStatus();
  }
  if (choice_->identity == met.identity) return base::OkStatus();
  return base::Unavailable(
      "source: {} leads to another server now ({}; it was {}): whether the log goes on there is "
      "looked at before anything is read from it",
      where, met.identity, choice_->identity);
}

void ServerPin::Choose(Choice choice) {
  std::lock_guard lock(mutex_);
  if (choice_ == choice) return;
  last_host_ = choice.host;
  choice_ = std::move(choice);
  ++generation_;
}

void ServerPin::Release() {
  std::lock_guard lock(mutex_);
  choice_.reset();
}

uint64_t ServerPin::generation() const {
  std::lock_guard lock(mutex_);
  return generation_;
}

void HostErrors::Add(const base::Status& status) {
  if (code_ == base::StatusCode::kOk || absl::IsUnavailable(status)) code_ = status.code();
  if (!text_.empty()) text_ += "; ";
  text_ += std::string(status.message());
}

base::Status HostErrors::Status() const { return base::MakeStatus(code_, "{}", text_); }

}  // namespace godwit::connector
