#pragma once

#include <vector>

#include "cluster/view.h"

namespace godwit::cluster {

// What the leader has to write, going by what it sees; none when all is as it should be. Pure. Each
// transaction holds to what it has been decided by: the leadership, and the entries that it has
// read.
//
//   1. A source is given to another worker only when nobody holds it: its worker has let go of it,
//   or
//      that worker's lease has ended.
//   2. A worker that has come back before anything was moved keeps what it has, under a new epoch.
//      What was moved stays where it is: nothing flaps back.
//   3. What has lost its worker moves at once; then those that wait get one, the longest waiting
//   first.
//   4. The least loaded worker with a free slot takes a source; without one, it waits.
//   5. A source that is disabled, removed or wanted elsewhere loses its binding once it is let go
//   of.
//   6. A worker with more than it has slots for loses what it does not hold.
std::vector<store::Transaction> Schedule(const View& view, store::Revision leadership);

// The binding of a source, which has none or the one given, to a living worker. Its epoch is above
// all that were given for the source before, also before it was removed and added again: each of
// those was at most the revision of a view in which its own binding was yet to come.
Binding BindingTo(const View& view, const View::Worker& worker, const Maybe<Binding>& before);

}  // namespace godwit::cluster
