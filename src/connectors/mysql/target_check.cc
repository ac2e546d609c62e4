#include "connectors/mysql/target_check.h"

namespace godwit::connectors::mysql {

connector::CheckReport CheckTarget(Connection&, const StateStore&, const connector::CheckScope&, const connector::Catalog&) {
  return {};
}

}  // namespace godwit::connectors::mysql
