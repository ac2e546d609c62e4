#pragma once

#include "config/task.h"
#include "connector/destination.h"
#include "model/change.h"

namespace godwit::pipeline {

// What the task's rules say about a DDL of the log. Of a statement of several kinds each has a say:
// one `stop` is enough, and what is to be ignored only in part is for the operator to decide. So is
// a statement that is to be ignored and cannot be: one that gives a table another name, or brings
// one into the task.
connector::DdlOrder OrderFor(const config::DdlOptions& rules, const model::DdlChange& ddl);

}  // namespace godwit::pipeline
