#include "store/etcd_store.h"

#include "store/etcd_members.h"
#include "store/etcd_watch.h"

namespace godwit::store {
namespace {

using Member = EtcdMembers::Member;

constexpr int64_t kPage = 1000;  // entries
constexpr int kMostTries = 3;    // of a range whose revision is compacted meanwhile

// The first key after all that begin with `prefix`, as etcd's API has it.
std::string EndOf(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return {'\0'};  // there is none
  ++prefix.back();
  return prefix;
}

Entry ToEntry(api::KeyValue& found, size_t root_size) {
  return {found.key().substr(root_size), std::move(*found.mutable_value()), found.mod_revision(),
          found.lease()};
}

// The range of one moment, in pages.
base::StatusOr<Snapshot> ReadRange(EtcdMembers& members, const std::string& begin,
                                   size_t root_size) {
  Snapshot snapshot;
  api::RangeRequest request;
  request.set_key(begin);
  request.set_range_end(EndOf(begin));
  request.set_limit(kPage);
  api::RangeResponse response;
  do {
    GODWIT_RETURN_IF_ERROR(members.Ask([&](Member& member, grpc::ClientContext& context) {
      return member.kv->Range(&context, request, &response);
    }));
    if (request.revision() == 0) snapshot.revision = response.header().revision();
    request.set_revision(snapshot.revision);
    if (response.more()) {
      request.set_key(response.kvs().rbegin()->key());
      request.mutable_key()->push_back('\0');
    }
    for (api::KeyValue& found : *response.mutable_kvs()) {
      snapshot.entries.push_back(ToEntry(found, root_size));
    }
  } while (response.more());
  return snapshot;
}

}  // namespace

EtcdStore::EtcdStore(std::string root, std::unique_ptr<EtcdMembers> members)
    : root_(std::move(root)), members_(std::move(members)) {}

EtcdStore::~EtcdStore() = default;

base::StatusOr<std::unique_ptr<EtcdStore>> EtcdStore::Open(EtcdOptions options) {
  GODWIT_ASSIGN_OR_RETURN(auto members, EtcdMembers::Make(options));
  return std::unique_ptr<EtcdStore>(new EtcdStore(std::move(options.root), std::move(members)));
}

base::StatusOr<Snapshot> EtcdStore::Range(std::string_view prefix) {
  const std::string begin = fmt::format("{}{}", root_, prefix);
  base::StatusOr<Snapshot> snapshot;
  for (int tries = 0; tries < kMostTries; ++tries) {
    snapshot = ReadRange(*members_, begin, root_.size());
    if (!absl::IsOutOfRange(snapshot.status())) return snapshot;
  }
  return base::Unavailable("{}: etcd's history is compacted faster than it can be read: {}", begin,
                           snapshot.status().message());
}

base::StatusOr<std::optional<Entry>> EtcdStore::Get(std::string_view key) {
  api::RangeRequest request;
  request.set_key(fmt::format("{}{}", root_, key));
  api::RangeResponse response;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.kv->Range(&context, request, &response);
  }));
  if (response.kvs().empty()) return std::optional<Entry>();
  return std::optional<Entry>(ToEntry(*response.mutable_kvs(0), root_.size()));
}

base::StatusOr<Revision> EtcdStore::Commit(const Transaction& transaction) {
  GODWIT_RETURN_IF_ERROR(CheckTransaction(transaction));
  api::TxnRequest request;
  for (const Condition& condition : transaction.conditions) {
    api::Compare& compare = *request.add_compare();
    compare.set_result(api::Compare::EQUAL);
    compare.set_target(api::Compare::MOD);
    compare.set_key(root_ + condition.key);
    compare.set_mod_revision(condition.changed);  // of a key that is not there, it is 0
  }
  for (const Write& write : transaction.writes) {
    api::RequestOp& operation = *request.add_success();
    if (!write.value) {
      operation.mutable_request_delete_range()->set_key(root_ + write.key);
      continue;
    }
    api::PutRequest& put = *operation.mutable_request_put();
    put.set_key(root_ + write.key);
    put.set_value(*write.value);
    put.set_lease(write.lease);
  }
  api::TxnResponse response;
  GODWIT_RETURN_IF_ERROR(members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.kv->Txn(&context, request, &response);
  }));
  if (!response.succeeded()) {
    std::vector<std::string_view> keys;
    for (const Condition& condition : transaction.conditions) keys.push_back(condition.key);
    return base::Aborted("{} has been changed", fmt::join(keys, " or "));
  }
  return response.header().revision();
}

base::StatusOr<std::unique_ptr<Watch>> EtcdStore::WatchFrom(std::string_view prefix,
                                                            Revision after) {
  const std::string begin = fmt::format("{}{}", root_, prefix);
  std::unique_ptr<EtcdWatch> watch;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    watch = std::make_unique<EtcdWatch>(root_.size(), begin, EndOf(begin), after);
    return watch->Start(member, members_->token(), context.raw_deadline());
  }));
  return watch;
}

base::StatusOr<LeaseId> EtcdStore::Grant(std::chrono::seconds ttl) {
  api::LeaseGrantRequest request;
  request.set_ttl(ttl.count());
  api::LeaseGrantResponse response;
  // One whose answer was lost holds nothing, and ends by itself.
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.lease->LeaseGrant(&context, request, &response);
  }));
  return response.id();
}

base::Status EtcdStore::KeepAlive(LeaseId lease) {
  api::LeaseKeepAliveRequest request;
  request.set_id(lease);
  api::LeaseKeepAliveResponse response;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    const auto stream = member.lease->LeaseKeepAlive(&context);
    const bool is_answered = stream->Write(request) && stream->Read(&response);
    if (!is_answered) return stream->Finish();
    context.TryCancel();
    stream->Finish().IgnoreError();
    return grpc::Status::OK;
  }));
  if (response.ttl() <= 0) return base::NotFound("the lease {} has ended", lease);
  return base::OkStatus();
}

base::Status EtcdStore::Revoke(LeaseId lease) {
  api::LeaseRevokeRequest request;
  request.set_id(lease);
  api::LeaseRevokeResponse response;
  const base::Status revoked = members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.lease->LeaseRevoke(&context, request, &response);
  });
  return absl::IsNotFound(revoked) ? base::OkStatus() : revoked;
}

}  // namespace godwit::store
