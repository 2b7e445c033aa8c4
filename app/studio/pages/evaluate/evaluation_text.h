#pragma once

#include "benchmarks/evaluation.h"

#include <QString>
#include <QStringList>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace clipscope::studio {

// What benchmarks and their results are called on screen and in files. Threads: any thread at once.

/// What a benchmark asks, one sentence.
QString questionText(benchmarks::Question question);

/// "22.7 %"; a median rank as it is.
QString figureText(std::string_view figureName, double value);
/// As figureText(), but with two digits of what is below a tenth of a per cent.
QString chanceText(std::string_view figureName, double value);
/// "21.1 to 24.3 %".
QString intervalText(const benchmarks::Figure& figure);

/// What the result of an item is called: "Rank", "Answer", "Right seconds".
QString resultTitle(benchmarks::Question question);
/// "3", "right", "45.0 %"; "miss" without a rank.
QString resultText(benchmarks::Question question, const std::optional<double>& value);
/// The higher, the worse the model did.
double badnessOf(benchmarks::Question question, const std::optional<double>& value);
/// Rank 1, right, every second.
bool isRight(benchmarks::Question question, const std::optional<double>& value);

/// "0:04 to 0:12"; empty where an answer has no passage of its own.
QString passageText(const benchmarks::Answer& answer);
/// "1,234 of 3,350 items: 512 videos are not here, so this is not comparable with the published
/// figure."; empty when all are there.
QString incompleteText(std::int64_t items, std::int64_t itemsInBenchmark, std::int64_t missing);

/// A line for each row; what needs it is quoted (RFC 4180).
QString tableText(const std::vector<QStringList>& rows, char separator);
/// Numbers as they are, a header first.
std::vector<QStringList> figureRows(const benchmarks::Evaluation& evaluation);
/// The items of these numbers with the model's first answer.
std::vector<QStringList> itemRows(
    const benchmarks::Evaluation& evaluation, std::span<const std::size_t> items);

} // namespace clipscope::studio
