#pragma once

#include "config/task.h"
#include "connector/catalog.h"
#include "connector/check.h"

// What a task asks for, in the words of the connectors.
namespace godwit::pipeline {

// What belongs to a task. Borrows the task.
connector::TableFilter FilterOf(const config::Task& task);

connector::IfExists IfExistsOf(const config::Task& task);

// What a check has to know of a task that has not begun. Borrows the task.
connector::CheckScope ScopeOf(const config::Task& task);

}  // namespace godwit::pipeline
