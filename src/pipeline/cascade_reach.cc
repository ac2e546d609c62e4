#include "pipeline/cascade_reach.h"

namespace godwit::pipeline {

void AddDescendants(const connector::ForeignKeyGraph& graph, const model::TableName& parent,
                    std::set<model::TableName>& found) {
  auto edges = graph.children.find(parent);
  if (edges == graph.children.end()) return;
  for (const auto& edge : edges->second) {
    if (found.insert(edge.child->name).second) AddDescendants(graph, edge.child->name, found);
  }
}

}  // namespace godwit::pipeline
