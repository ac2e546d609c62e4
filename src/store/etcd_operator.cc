#include "store/etcd_operator.h"

#include "store/etcd_members.h"

namespace godwit::store {
namespace {

using Member = EtcdMembers::Member;

std::vector<EtcdMember> ToMembers(const google::protobuf::RepeatedPtrField<api::Member>& answered) {
  std::vector<EtcdMember> members;
  for (const api::Member& one : answered) {
    members.push_back({one.id(),
                       one.name(),
                       {one.peerurls().begin(), one.peerurls().end()},
                       {one.clienturls().begin(), one.clienturls().end()}});
  }
  return members;
}

}  // namespace

EtcdOperator::EtcdOperator(std::unique_ptr<EtcdMembers> members) : members_(std::move(members)) {}

EtcdOperator::~EtcdOperator() = default;

base::StatusOr<std::unique_ptr<EtcdOperator>> EtcdOperator::Open(const EtcdOptions& options) {
  GODWIT_ASSIGN_OR_RETURN(auto members, EtcdMembers::Make(options));
  return std::unique_ptr<EtcdOperator>(new EtcdOperator(std::move(members)));
}

base::StatusOr<std::vector<EtcdMember>> EtcdOperator::Members() {
  api::MemberListResponse response;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.cluster->MemberList(&context, {}, &response);
  }));
  return ToMembers(response.members());
}

base::StatusOr<std::vector<EtcdMember>> EtcdOperator::Add(const std::string& peer_url) {
  api::MemberAddRequest request;
  request.add_peerurls(peer_url);
  api::MemberAddResponse response;
  GODWIT_RETURN_IF_ERROR(members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.cluster->MemberAdd(&context, request, &response);
  }));
  return ToMembers(response.members());
}

base::Status EtcdOperator::Remove(uint64_t id) {
  api::MemberRemoveRequest request;
  request.set_id(id);
  api::MemberRemoveResponse response;
  return members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.cluster->MemberRemove(&context, request, &response);
  });
}

base::StatusOr<EtcdOperator::Alarms> EtcdOperator::GetAlarms() {
  api::StatusResponse response;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.maintenance->Status(&context, {}, &response);
  }));
  Alarms alarms;
  // As texts: "memberID:10501334649042878790 alarm:NOSPACE ".
  const std::string own = fmt::format("memberID:{} alarm:NOSPACE", response.header().member_id());
  for (const std::string& error : response.errors()) {
    alarms.is_full = alarms.is_full || error.find(own) != std::string::npos;
    alarms.is_corrupt = alarms.is_corrupt || error.find("alarm:CORRUPT") != std::string::npos;
  }
  return alarms;
}

base::Status EtcdOperator::MakeRoom() {
  api::RangeRequest any;
  any.set_key("any");
  api::RangeResponse now;
  GODWIT_RETURN_IF_ERROR(members_->Ask([&](Member& member, grpc::ClientContext& context) {
    return member.kv->Range(&context, any, &now);
  }));
  api::CompactionRequest history;
  history.set_revision(now.header().revision());
  history.set_physical(true);
  api::CompactionResponse compacted;
  const base::Status dropped = members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.kv->Compact(&context, history, &compacted);
  });
  // Another may have dropped it just now.
  if (!dropped.ok() && !absl::IsOutOfRange(dropped)) return dropped;
  api::DefragmentResponse defragmented;
  GODWIT_RETURN_IF_ERROR(members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.maintenance->Defragment(&context, {}, &defragmented);
  }));
  api::AlarmRequest request;
  request.set_action(api::AlarmRequest::DEACTIVATE);
  request.set_memberid(now.header().member_id());
  request.set_alarm(api::NOSPACE);
  api::AlarmResponse response;
  return members_->AskOnce([&](Member& member, grpc::ClientContext& context) {
    return member.maintenance->Alarm(&context, request, &response);
  });
}

}  // namespace godwit::store
