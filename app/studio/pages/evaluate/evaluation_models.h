#pragma once

#include "app/studio/pages/evaluate/evaluation_reader.h"
#include "benchmarks/evaluation.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace clipscope::studio {

/// The figures of an evaluation beside what is published.
/// Threads: GUI thread only.
class FiguresModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Name, Value, Interval, Chance, ZeroShot, FineTuned, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    void setEvaluation(std::shared_ptr<const benchmarks::Evaluation> evaluation);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::shared_ptr<const benchmarks::Evaluation> m_evaluation; ///< null: no rows
};

/// The items of an evaluation, each with its result.
/// Threads: GUI thread only.
class ItemsModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Number, Text, Video, Passage, Result, ColumnCount };
    /// A number or text to sort by; of the result how bad it is.
    static constexpr int sortRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;
    void setEvaluation(std::shared_ptr<const benchmarks::Evaluation> evaluation);
    const benchmarks::ItemResult* at(int row) const;
    benchmarks::Question question() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant sortKey(const benchmarks::ItemResult& item, const QModelIndex& index) const;
    std::shared_ptr<const benchmarks::Evaluation> m_evaluation; ///< null: no rows
};

enum class ItemFilter { All, Wrong, Right, InProject };

/// The items that match all words of a filter, in an order; items of equal worth stay in that of
/// the benchmark.
/// Threads: GUI thread only.
class ItemsFilter final : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit ItemsFilter(ItemsModel& items, QObject* parent = nullptr);
    void setWords(const QString& words);
    void setFilter(ItemFilter filter);
    const benchmarks::ItemResult* at(const QModelIndex& index) const;
    /// Numbers of the items, as they are shown.
    std::vector<std::size_t> shown() const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    ItemsModel& m_items;
    QStringList m_words;
    ItemFilter m_filter = ItemFilter::All;
};

/// Checkpoints beside one another: of each benchmark its main figure, below them what is published.
/// The best of a column is bold, among those that answered as many items.
/// Threads: GUI thread only.
class ComparisonModel final : public QAbstractTableModel
{
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;
    /// The checkpoint `current` comes first.
    void setEvaluations(
        const std::vector<EvaluationSummary>& evaluations, const std::string& current);
    bool isEmpty() const { return m_checkpoints == 0; }
    bool hasIncomplete() const;
    /// Everything as it is shown, a header first.
    std::vector<QStringList> texts() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Cell
    {
        QString text, hint;
        bool isBest = false, isIncomplete = false;
    };
    struct Row
    {
        QString title;
        std::array<Cell, 6> cells; ///< by benchmark
    };
    void addPublished();
    void markBest(const std::vector<EvaluationSummary>& evaluations);

    std::vector<Row> m_rows;
    std::vector<std::string> m_names; ///< of the checkpoints, as the first rows
    std::size_t m_checkpoints = 0; ///< the first rows
    std::array<QString, 6> m_figures; ///< names of the main figures, by benchmark
};

} // namespace clipscope::studio
