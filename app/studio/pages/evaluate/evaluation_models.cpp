#include "app/studio/pages/evaluate/evaluation_models.h"

#include "app/studio/pages/evaluate/evaluation_text.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QApplication>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;
using benchmarks::BenchmarkFacts;
using benchmarks::ItemResult;

namespace {

QVariant alignedIf(bool isNumber)
{
    return QVariant((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

std::size_t placeOf(benchmarks::Benchmark benchmark)
{
    return static_cast<std::size_t>(benchmark);
}

} // namespace

void FiguresModel::setEvaluation(std::shared_ptr<const benchmarks::Evaluation> evaluation)
{
    beginResetModel();
    m_evaluation = std::move(evaluation);
    endResetModel();
}

int FiguresModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_evaluation ? 0 : static_cast<int>(m_evaluation->figures.size());
}

int FiguresModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FiguresModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || !m_evaluation)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignedIf(index.column() > Name);
    if (role == Qt::FontRole && index.row() == 0)
        return typeface(TypeSize::Base, index.column() <= Value);
    if (role != Qt::DisplayRole)
        return {};
    const benchmarks::Figure& figure = m_evaluation->figures[static_cast<std::size_t>(index.row())];
    const benchmarks::PublishedFigure* published
        = publishedOf(benchmarks::factsOf(m_evaluation->benchmark), figure.name);
    const auto text = [&figure](const std::optional<double>& value) {
        return value ? figureText(figure.name, *value) : QStringLiteral("\u2013");
    };
    switch (index.column()) {
    case Name:
        return fromUtf8(figure.name);
    case Value:
        return text(figure.value);
    case Interval:
        return intervalText(figure);
    case Chance:
        return figure.chance ? chanceText(figure.name, *figure.chance) : text(std::nullopt);
    case ZeroShot:
        return text(published ? std::optional(published->zeroShot) : std::nullopt);
    default:
        return text(published ? published->fineTuned : std::nullopt);
    }
}

QVariant FiguresModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section > Name ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignBottom);
    if (role == Qt::ToolTipRole && section == Interval)
        return tr("95 % interval over the items, by 1000 draws with replacement");
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = { tr("Figure"), tr("Value"), tr("95 % interval"), tr("Chance"),
        tr("Published,\nzero-shot"), tr("Published,\nfine-tuned") };
    return names[section];
}

void ItemsModel::setEvaluation(std::shared_ptr<const benchmarks::Evaluation> evaluation)
{
    beginResetModel();
    m_evaluation = std::move(evaluation);
    endResetModel();
}

const ItemResult* ItemsModel::at(int row) const
{
    return row >= 0 && row < rowCount() ? &m_evaluation->items[static_cast<std::size_t>(row)]
                                        : nullptr;
}

benchmarks::Question ItemsModel::question() const
{
    return m_evaluation ? benchmarks::factsOf(m_evaluation->benchmark).question
                        : benchmarks::Question::WhichClip;
}

int ItemsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_evaluation ? 0 : static_cast<int>(m_evaluation->items.size());
}

int ItemsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ItemsModel::sortKey(const ItemResult& item, const QModelIndex& index) const
{
    switch (index.column()) {
    case Number:
        return index.row();
    case Passage:
        return static_cast<qlonglong>(item.truth.startSecond);
    case Result:
        return badnessOf(question(), item.value);
    default:
        return data(index, Qt::DisplayRole);
    }
}

QVariant ItemsModel::data(const QModelIndex& index, int role) const
{
    const ItemResult* item = index.isValid() ? at(index.row()) : nullptr;
    if (!item)
        return {};
    if (role == sortRole)
        return sortKey(*item, index);
    if (role == Qt::TextAlignmentRole)
        return alignedIf(index.column() != Text && index.column() != Video);
    if (role == Qt::ToolTipRole && (index.column() == Text || index.column() == Video))
        return data(index, Qt::DisplayRole);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Number:
        return count(index.row() + 1);
    case Text:
        return fromUtf8(item->truth.text);
    case Video:
        return fromUtf8(item->truth.video);
    case Passage:
        return passageText(item->truth);
    default:
        return resultText(question(), item->value);
    }
}

QVariant ItemsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return alignedIf(section != Text && section != Video);
    if (role != Qt::DisplayRole)
        return {};
    const QString names[]
        = { tr("No."), tr("Text"), tr("Video"), tr("Passage"), resultTitle(question()) };
    return names[section];
}

ItemsFilter::ItemsFilter(ItemsModel& items, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_items(items)
{
    setSourceModel(&items);
    setSortRole(ItemsModel::sortRole);
    setSortCaseSensitivity(Qt::CaseInsensitive);
    setSortLocaleAware(true);
    setDynamicSortFilter(true);
}

void ItemsFilter::setWords(const QString& words)
{
    m_words = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    invalidateFilter();
}

void ItemsFilter::setFilter(ItemFilter filter)
{
    m_filter = filter;
    invalidateFilter();
}

const ItemResult* ItemsFilter::at(const QModelIndex& index) const
{
    return index.isValid() ? m_items.at(mapToSource(index).row()) : nullptr;
}

std::vector<std::size_t> ItemsFilter::shown() const
{
    std::vector<std::size_t> items;
    for (int row = 0; row < rowCount(); ++row)
        items.push_back(static_cast<std::size_t>(mapToSource(index(row, 0)).row()));
    return items;
}

bool ItemsFilter::filterAcceptsRow(int row, const QModelIndex&) const
{
    const ItemResult* item = m_items.at(row);
    if (!item)
        return false;
    const bool right = isRight(m_items.question(), item->value);
    if ((m_filter == ItemFilter::Wrong && right) || (m_filter == ItemFilter::Right && !right)
        || (m_filter == ItemFilter::InProject && item->truth.videoId == 0))
        return false;
    if (m_words.isEmpty())
        return true;
    const QString text = fromUtf8(item->truth.text), video = fromUtf8(item->truth.video);
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) {
        return text.contains(word, Qt::CaseInsensitive)
            || video.contains(word, Qt::CaseInsensitive);
    });
}

void ComparisonModel::setEvaluations(
    const std::vector<EvaluationSummary>& evaluations, const std::string& current)
{
    beginResetModel();
    m_rows.clear();
    m_names.clear();
    m_figures = {};
    for (const EvaluationSummary& each : evaluations) {
        const benchmarks::Figure* figure = each.mainFigure();
        if (!figure)
            continue;
        const auto known = std::ranges::find(m_names, each.checkpoint);
        const auto row = static_cast<std::size_t>(known - m_names.begin());
        if (known == m_names.end()) {
            m_names.push_back(each.checkpoint);
            m_rows.push_back({ fromUtf8(each.checkpointTitle), {} });
        }
        Cell& cell = m_rows[row].cells[placeOf(each.benchmark)];
        m_figures[placeOf(each.benchmark)] = fromUtf8(figure->name);
        cell.text = figureText(figure->name, figure->value);
        cell.hint = tr("%1: %2, 95 % interval %3")
                        .arg(fromUtf8(figure->name), cell.text, intervalText(*figure));
        if (const QString part
            = incompleteText(each.items, each.itemsInBenchmark, each.missingVideos);
            !part.isEmpty()) {
            cell.isIncomplete = true;
            cell.text += QStringLiteral(" *");
            cell.hint += QLatin1Char('\n') + part;
        }
    }
    markBest(evaluations);
    if (const auto first = std::ranges::find(m_names, current); first != m_names.end()) {
        const auto row = first - m_names.begin();
        std::rotate(m_rows.begin(), m_rows.begin() + row, m_rows.begin() + row + 1);
        std::rotate(m_names.begin(), first, first + 1);
    }
    m_checkpoints = m_rows.size();
    if (m_checkpoints > 0)
        addPublished();
    endResetModel();
}

void ComparisonModel::markBest(const std::vector<EvaluationSummary>& evaluations)
{
    for (const BenchmarkFacts& facts : benchmarks::allBenchmarks()) {
        std::int64_t most = 0;
        for (const EvaluationSummary& each : evaluations)
            if (each.benchmark == facts.benchmark && each.mainFigure())
                most = std::max(most, each.items);
        std::vector<const EvaluationSummary*> rivals; // the others answered an easier question
        for (const EvaluationSummary& each : evaluations)
            if (each.benchmark == facts.benchmark && each.mainFigure() && each.items == most)
                rivals.push_back(&each);
        if (rivals.size() < 2)
            continue;
        const auto worth = [](const EvaluationSummary* each) {
            const benchmarks::Figure& figure = *each->mainFigure();
            return benchmarks::isRank(figure.name) ? -figure.value : figure.value;
        };
        const double best = worth(*std::ranges::max_element(rivals, {}, worth));
        for (const EvaluationSummary* each : rivals) {
            const auto row = static_cast<std::size_t>(
                std::ranges::find(m_names, each->checkpoint) - m_names.begin());
            m_rows[row].cells[placeOf(facts.benchmark)].isBest = worth(each) == best;
        }
    }
}

void ComparisonModel::addPublished()
{
    Row zeroShot{ tr("Published, zero-shot"), {} }, fineTuned{ tr("Published, fine-tuned"), {} };
    for (const BenchmarkFacts& facts : benchmarks::allBenchmarks()) {
        if (facts.published.empty())
            continue;
        QString& name = m_figures[placeOf(facts.benchmark)];
        if (name.isEmpty())
            name = fromUtf8(facts.published.front().name);
        const benchmarks::PublishedFigure* published = publishedOf(facts, toUtf8(name));
        if (!published)
            continue;
        zeroShot.cells[placeOf(facts.benchmark)].text
            = figureText(published->name, published->zeroShot);
        if (published->fineTuned)
            fineTuned.cells[placeOf(facts.benchmark)].text
                = figureText(published->name, *published->fineTuned);
    }
    m_rows.push_back(std::move(zeroShot));
    m_rows.push_back(std::move(fineTuned));
}

bool ComparisonModel::hasIncomplete() const
{
    return std::ranges::any_of(
        m_rows, [](const Row& row) { return std::ranges::any_of(row.cells, &Cell::isIncomplete); });
}

std::vector<QStringList> ComparisonModel::texts() const
{
    std::vector<QStringList> rows(1);
    for (int column = 0; column < columnCount(); ++column)
        rows.front() += headerData(column, Qt::Horizontal, Qt::DisplayRole)
                            .toString()
                            .replace(QLatin1Char('\n'), QLatin1Char(' '));
    for (int row = 0; row < rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < columnCount(); ++column)
            cells += data(index(row, column)).toString();
        rows.push_back(std::move(cells));
    }
    return rows;
}

int ComparisonModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ComparisonModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : 1 + static_cast<int>(benchmarks::allBenchmarks().size());
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const auto place = static_cast<std::size_t>(index.row());
    const Row& row = m_rows[place];
    if (role == Qt::TextAlignmentRole)
        return alignedIf(index.column() > 0);
    if (role == Qt::ForegroundRole && place >= m_checkpoints)
        return tokens(QApplication::palette()).secondary;
    if (index.column() == 0)
        return role == Qt::DisplayRole                          ? row.title
            : role == Qt::ToolTipRole && place < m_names.size() ? QVariant(fromUtf8(m_names[place]))
                                                                : QVariant();
    const Cell& cell = row.cells[static_cast<std::size_t>(index.column() - 1)];
    if (role == Qt::DisplayRole)
        return cell.text.isEmpty() ? QStringLiteral("\u2013") : cell.text;
    if (role == Qt::FontRole && cell.isBest)
        return typeface(TypeSize::Base, true);
    if (role == Qt::ToolTipRole)
        return cell.hint;
    if (role == Qt::AccessibleTextRole && cell.isBest)
        return tr("%1, the best").arg(cell.text);
    return {};
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section > 0 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignBottom);
    if (role != Qt::DisplayRole)
        return {};
    if (section == 0)
        return tr("Checkpoint");
    const auto place = static_cast<std::size_t>(section - 1);
    QString title = fromUtf8(benchmarks::allBenchmarks()[place].title);
    if (const auto space = title.indexOf(QLatin1Char(' ')); space > 0)
        title[space] = QLatin1Char('\n'); // six columns have little room
    return QStringLiteral("%1\n%2").arg(title, m_figures[place]);
}

} // namespace clipscope::studio
