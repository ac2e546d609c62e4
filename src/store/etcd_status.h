#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "store/etcd_credentials.h"

// What answers of etcd's, and gRPC's own, mean to who has asked.
namespace godwit::store {

// By what the codes say; the message names the member and, where it needs the operator, what to do.
base::Status ToStatus(const grpc::Status& answer, const std::string& address);

// Nothing was done, as the token that came with the question is none or none any more. Of a watch
// etcd 3.4 says no more than that it is not permitted.
bool IsTokenRefused(const grpc::Status& answer);

// What a watch has ended with at once, for that reason of etcd's.
grpc::Status WatchRefused(const std::string& reason);

// etcd has no users, so that there is no token to be had.
bool IsWithoutUsers(const grpc::Status& answer);

// Why there is no connection to a member; `answer` is what gRPC says. kFailedPrecondition where the
// two do not trust each other, which connects to it once more to find out.
base::Status WhyNotConnected(const grpc::Status& answer, const EtcdEndpoint& endpoint,
                             const EtcdTls& tls);

}  // namespace godwit::store
