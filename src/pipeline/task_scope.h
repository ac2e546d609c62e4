#pragma once

#include "config/task.h"
#include "connector/catalog.h"
#include "connector/check.h"
#include "connector/source.h"

// What a task asks for, in the words of the connectors.
namespace godwit::pipeline {

// What belongs to a task. Borrows the task.
connector::TableFilter FilterOf(const config::Task& task);

connector::IfExists IfExistsOf(const config::Task& task);

// What a check has to know of a task that has not begun. Borrows the task.
connector::CheckScope ScopeOf(const config::Task& task);

// Where `stream.start` says that the log is to be read from; empty: it says nothing. Errors are the
// source's, which reads it.
base::StatusOr<model::Position> ChosenStart(const config::Task& task, connector::Source& source);

}  // namespace godwit::pipeline
