#pragma once

#include "app/studio/lane.h"
#include "app/studio/page.h"
#include "app/studio/pages/evaluate/benchmark_cards.h"
#include "app/studio/pages/evaluate/evaluation_models.h"
#include "app/studio/services.h"

#include <QSet>
#include <QTimer>

#include <optional>
#include <vector>

class QLabel;
class QScrollArea;
class QStackedWidget;
class QTableView;

namespace clipscope::widgets {
class EmptyState;
} // namespace clipscope::widgets

namespace clipscope::studio {

class EvaluationDetail;

/// The benchmarks of the paper: a card for each with the result of the checkpoint at hand, all
/// evaluated checkpoints beside one another, and one benchmark with its items.
/// Threads: GUI thread only; stored evaluations are read in lanes.
class EvaluatePage final : public Page
{
    Q_OBJECT

public:
    explicit EvaluatePage(Services& services, QWidget* parent = nullptr);
    ~EvaluatePage() override;

    PageId id() const override { return PageId::Evaluate; }
    QString title() const override { return tr("Evaluate"); }
    widgets::Icon icon() const override { return widgets::Icon::Evaluate; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildHeader();
    QWidget* buildOverview();
    void connectServices();
    void onProjectChanged();
    void look();
    void refresh();
    void refreshComparison();
    void showMenu(const QPoint& position);
    QString checkpoint() const; ///< name; empty: none
    QString whyNotRun() const; ///< for no benchmark at all; empty: they can be run
    QString projectPath() const;
    const EvaluationSummary* summaryOf(benchmarks::Benchmark benchmark) const;
    const JobInfo* jobOf(const benchmarks::BenchmarkFacts& facts) const;
    BenchmarkCard cardOf(const benchmarks::BenchmarkFacts& facts) const;
    std::optional<benchmarks::Benchmark> atHand() const; ///< shown, or the current card's
    void showDetail(benchmarks::Benchmark benchmark);
    void showOverview();
    void run(benchmarks::Benchmark benchmark);
    void chooseAnnotations(benchmarks::Benchmark benchmark, bool thenRun);
    void copyComparison();

    Services& m_services;
    ComparisonModel m_comparison;
    std::vector<EvaluationSummary> m_summaries;
    bool m_looked = false; ///< the stored evaluations have been read once
    std::optional<benchmarks::Benchmark> m_shown; ///< in the detail; none: the overview
    std::optional<benchmarks::Benchmark> m_wanted; ///< of the last session
    QString m_first; ///< checkpoint that leads the comparison
    bool m_hasJobs = false; ///< the jobs at the last look had one of ours
    QSet<QString> m_starting; ///< names of benchmarks whose process has not been seen yet

    QLabel* m_facts = nullptr;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QScrollArea* m_overview = nullptr;
    BenchmarkCards* m_cards = nullptr;
    QWidget* m_compared = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_partNote = nullptr;
    EvaluationDetail* m_detail;
    QTimer m_timer;
    Lane<std::vector<EvaluationSummary>> m_look;
};

} // namespace clipscope::studio
