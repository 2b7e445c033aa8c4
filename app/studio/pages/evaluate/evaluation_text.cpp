#include "app/studio/pages/evaluate/evaluation_text.h"

#include "text/delimited.h"
#include "widgets/common/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <limits>

namespace clipscope::studio {

using namespace widgets;
using benchmarks::isRank;
using benchmarks::Question;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("EvaluationText", text);
}

/// One decimal, as everybody reports them.
QString percent(double share)
{
    return QLocale().toString(100.0 * share, 'f', 1);
}

QString asRank(double rank)
{
    return QLocale().toString(rank, 'f', 1);
}

/// For files: the same in every country, exact.
QString number(double value)
{
    return QString::number(value, 'g', QLocale::FloatingPointShortest);
}

QString number(const std::optional<double>& value)
{
    return value ? number(*value) : QString();
}

QStringList fieldsOf(const benchmarks::Answer& answer)
{
    return { fromUtf8(answer.video), QString::number(answer.startSecond),
        QString::number(answer.stopSecond), fromUtf8(answer.text), number(answer.score) };
}

} // namespace

QString questionText(Question question)
{
    switch (question) {
    case Question::WhichClip:
        return tr("Which clip does a sentence belong to, of all there are?");
    case Question::WhichText:
        return tr("Which of five sentences tells what a video shows?");
    case Question::WhichPart:
        return tr("Which part of a video does a sentence tell of?");
    case Question::WhichAction:
        return tr("Which action is shown in each second, if any?");
    case Question::WhichSeconds:
        break;
    }
    return tr("In which second of a video does each step of its task happen?");
}

QString figureText(std::string_view figureName, double value)
{
    return isRank(figureName) ? asRank(value) : tr("%1 %").arg(percent(value));
}

QString chanceText(std::string_view figureName, double value)
{
    return isRank(figureName) || value >= 0.001 || value <= 0.0
        ? figureText(figureName, value)
        : tr("%1 %").arg(QLocale().toString(100.0 * value, 'g', 2));
}

QString intervalText(const benchmarks::Figure& figure)
{
    const auto [low, high] = figure.interval;
    return isRank(figure.name) ? tr("%1 to %2").arg(asRank(low), asRank(high))
                               : tr("%1 to %2 %").arg(percent(low), percent(high));
}

QString resultTitle(Question question)
{
    switch (question) {
    case Question::WhichClip:
    case Question::WhichPart:
        return tr("Rank");
    case Question::WhichAction:
        return tr("Right seconds");
    default:
        return tr("Answer");
    }
}

QString resultText(Question question, const std::optional<double>& value)
{
    switch (question) {
    case Question::WhichClip:
    case Question::WhichPart:
        return value ? QLocale().toString(*value, 'g', 4) : tr("miss");
    case Question::WhichAction:
        return value ? tr("%1 %").arg(percent(*value)) : tr("miss");
    default:
        return value.value_or(0.0) > 0.5 ? tr("right") : tr("wrong");
    }
}

double badnessOf(Question question, const std::optional<double>& value)
{
    if (!value)
        return std::numeric_limits<double>::infinity();
    return question == Question::WhichClip || question == Question::WhichPart ? *value
                                                                              : 1.0 - *value;
}

bool isRight(Question question, const std::optional<double>& value)
{
    const bool ranked = question == Question::WhichClip || question == Question::WhichPart;
    return badnessOf(question, value) <= (ranked ? 1.0 : 0.0);
}

QString passageText(const benchmarks::Answer& answer)
{
    if (answer.stopSecond <= answer.startSecond)
        return {};
    return tr("%1 to %2")
        .arg(shortTime(static_cast<double>(answer.startSecond)),
            shortTime(static_cast<double>(answer.stopSecond)));
}

QString incompleteText(std::int64_t items, std::int64_t itemsInBenchmark, std::int64_t missing)
{
    if (missing <= 0)
        return {};
    const QString sentence = missing == 1
        ? tr("%1 of %2 items: %3 video is not here, so this is not comparable with the published "
             "figure.")
        : tr("%1 of %2 items: %3 videos are not here, so this is not comparable with the published "
             "figure.");
    return sentence.arg(count(items), count(itemsInBenchmark), count(missing));
}

QString tableText(const std::vector<QStringList>& rows, char separator)
{
    std::string text;
    for (const QStringList& row : rows) {
        std::vector<std::string> cells;
        cells.reserve(static_cast<std::size_t>(row.size()));
        for (const QString& cell : row)
            cells.push_back(toUtf8(cell));
        text::appendRow(text, cells, separator);
    }
    return fromUtf8(text);
}

std::vector<QStringList> figureRows(const benchmarks::Evaluation& evaluation)
{
    const benchmarks::BenchmarkFacts& facts = benchmarks::factsOf(evaluation.benchmark);
    std::vector<QStringList> rows{ { QStringLiteral("figure"), QStringLiteral("value"),
        QStringLiteral("low"), QStringLiteral("high"), QStringLiteral("chance"),
        QStringLiteral("published_zero_shot"), QStringLiteral("published_fine_tuned") } };
    for (const benchmarks::Figure& figure : evaluation.figures) {
        const benchmarks::PublishedFigure* published = publishedOf(facts, figure.name);
        rows.push_back({ fromUtf8(figure.name), number(figure.value), number(figure.interval.low),
            number(figure.interval.high), number(figure.chance),
            published ? number(published->zeroShot) : QString(),
            published ? number(published->fineTuned) : QString() });
    }
    return rows;
}

std::vector<QStringList> itemRows(
    const benchmarks::Evaluation& evaluation, std::span<const std::size_t> items)
{
    std::vector<QStringList> rows{ { QStringLiteral("item"), QStringLiteral("video"),
        QStringLiteral("start"), QStringLiteral("stop"), QStringLiteral("text"),
        QStringLiteral("score"), QStringLiteral("result"), QStringLiteral("answer_video"),
        QStringLiteral("answer_start"), QStringLiteral("answer_stop"),
        QStringLiteral("answer_text"), QStringLiteral("answer_score"),
        QStringLiteral("answer_right") } };
    for (const std::size_t at : items) {
        const benchmarks::ItemResult& item = evaluation.items[at];
        QStringList row{ QString::number(at + 1) };
        row += fieldsOf(item.truth);
        row += number(item.value);
        if (item.answers.empty())
            row += QStringList(6, QString());
        else
            row += fieldsOf(item.answers.front())
                + QStringList{ item.answers.front().isRight ? QStringLiteral("1")
                                                            : QStringLiteral("0") };
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace clipscope::studio
