#pragma once

#include "app/studio/pages/evaluate/evaluation_reader.h"
#include "benchmarks/benchmark.h"
#include "widgets/common/chip.h"

#include <QAbstractListModel>
#include <QListView>
#include <QStyledItemDelegate>

#include <vector>

namespace clipscope::studio {

struct JobInfo;

/// A benchmark as a card shows it.
struct BenchmarkCard
{
    enum class State { NotRun, Running, Result, Failed, Old };

    benchmarks::Benchmark benchmark = benchmarks::Benchmark::YouCook2;
    State state = State::NotRun;
    QString title, question;
    QString value; ///< "22.7 %"; empty: no result
    QString valueAbout; ///< "R@1, 95 %: 21.1 to 24.3 %", "R@1: no result yet"
    QString reference; ///< published figures
    QString chance; ///< what guessing gives, where that is known
    QString incomplete; ///< why the value cannot stand beside published ones; empty: it can
    QString progress; ///< while it runs
    double fraction = -1.0; ///< that is done while it runs; negative: not known
    QString reason; ///< why it failed
    QString annotations; ///< path; empty: not chosen yet
    QString whyNotRun; ///< why it cannot be started now; empty: it can

    bool hasResult() const { return !value.isEmpty(); }
    QString stateText() const; ///< "Not run", "Running", ...
    widgets::Tone tone() const; ///< of the state
    QString runText() const; ///< "Run", "Run Again"
    QString annotationsText() const; ///< the file's name, or that there is none
    QString noteText() const; ///< what is to be said about the state, one or two sentences
    bool operator==(const BenchmarkCard&) const = default;
};

/// `summary`: of the stored result, null when there is none; `job`: the newest one of this
/// benchmark and checkpoint, null when there is none.
BenchmarkCard makeCard(const benchmarks::BenchmarkFacts& facts, const EvaluationSummary* summary,
    const JobInfo* job, const QString& annotations, const QString& whyNotRun);

/// Benchmarks as rows.
/// Threads: GUI thread only.
class BenchmarkCardsModel final : public QAbstractListModel
{
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;
    /// Changes only what is different, so that the current row survives.
    void setCards(std::vector<BenchmarkCard> cards);
    const BenchmarkCard* at(const QModelIndex& index) const;
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    std::vector<BenchmarkCard> m_cards;
};

/// What a card can be asked for with the mouse.
enum class CardPart { None, Run, Details, Annotations };

/// Where the parts of a card lie, apart from painting.
/// Units: logical pixels.
struct BenchmarkCardGeometry
{
    static constexpr int height = 252; ///< with the gap below it
    explicit BenchmarkCardGeometry(const QRect& item);
    CardPart partAt(const QPoint& position) const;
    /// Columns of equal width that fill `width`; six cards leave no hole.
    static int columnsIn(int width);

    QRect card, title, question, value, reference, note, run, details, annotations;
};

class BenchmarkCardDelegate;

/// The cards in a grid as wide as the list; as high as they need. Arrows move, a double click and
/// the keys of the page open and run; what is on a card also answers to the mouse.
/// Threads: GUI thread only.
class BenchmarkCards final : public QListView
{
    Q_OBJECT

public:
    explicit BenchmarkCards(QWidget* parent = nullptr);
    void setCards(std::vector<BenchmarkCard> cards);
    const BenchmarkCardsModel& cards() const { return m_model; }
    /// Null when no card is current.
    const BenchmarkCard* current() const { return m_model.at(currentIndex()); }
    void setCurrent(benchmarks::Benchmark benchmark);

Q_SIGNALS:
    void runRequested(clipscope::benchmarks::Benchmark benchmark);
    void detailsRequested(clipscope::benchmarks::Benchmark benchmark);
    void annotationsRequested(clipscope::benchmarks::Benchmark benchmark);

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    CardPart partAt(const QPoint& position) const;
    void ask(CardPart part, benchmarks::Benchmark benchmark);
    void reflow();

    BenchmarkCardsModel m_model;
    BenchmarkCardDelegate* m_delegate;
};

} // namespace clipscope::studio
