#include "connectors/mysql/target_check.h"

namespace godwit::connectors::mysql {

base::StatusOr<connector::CheckReport> CheckTarget(Connection&, const connector::Catalog&) { return connector::CheckReport{}; }

}  // namespace godwit::connectors::mysql
