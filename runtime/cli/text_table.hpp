#pragma once
#include <string>
#include <vector>

namespace ocelot::cli {

// Rows of cells as lines whose columns line up: each column but the last is twelve characters wide,
// or wide enough for its longest cell and three blanks. Control characters are escaped.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace ocelot::cli
