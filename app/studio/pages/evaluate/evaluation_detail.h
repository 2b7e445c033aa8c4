#pragma once

#include "app/studio/actions.h"
#include "app/studio/lane.h"
#include "app/studio/pages/evaluate/benchmark_cards.h"
#include "app/studio/pages/evaluate/evaluation_models.h"
#include "app/studio/services.h"

#include <QJsonObject>
#include <QWidget>

#include <memory>
#include <variant>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace clipscope::widgets {
class Chip;
class ClipTiles;
class ElidedLabel;
class EmptyState;
} // namespace clipscope::widgets

namespace clipscope::studio {

/// One benchmark: its figures beside published ones, its items, and of the item at hand the truth
/// and the model's answers with pictures.
/// Threads: GUI thread only; files are read and written in lanes.
class EvaluationDetail final : public QWidget
{
    Q_OBJECT

public:
    explicit EvaluationDetail(Services& services, QWidget* parent = nullptr);
    ~EvaluationDetail() override;

    /// `summary`: of the stored result, null when there is none. Its file is read again when it has
    /// changed; the item at hand stays.
    void show(const BenchmarkCard& card, const EvaluationSummary* summary);
    /// Forgets what is shown.
    void clear();
    bool isSettled() const;
    void takeFocus();
    std::vector<ActionRow> actionRows();
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);

Q_SIGNALS:
    void closed();
    void runRequested();
    void annotationsRequested();

private:
    QWidget* buildHead();
    QWidget* buildTables();
    QWidget* buildSide();
    void showHead(const BenchmarkCard& card);
    void load(const EvaluationSummary& summary);
    void take(std::shared_ptr<const benchmarks::Evaluation> evaluation);
    void showNotes();
    void restoreItem();
    void loadItem();
    void showCount();
    void openTile(const widgets::ClipTile& tile);
    void openTruth();
    void copyFigures();
    void copyItems();
    void copyMissing();
    void save(const QString& title, const QString& name, std::vector<QStringList> rows);
    void say(const QString& title, const QString& sentence);

    Services& m_services;
    FiguresModel m_figures;
    ItemsModel m_items;
    ItemsFilter m_filter;
    std::shared_ptr<const benchmarks::Evaluation> m_evaluation; ///< null: none
    EvaluationSummary m_loaded; ///< whose items are shown, or being read
    int m_item = -1; ///< number of the item at hand, also while there is none to show
    widgets::ClipTile m_truth; ///< of the item at hand
    bool m_wantsFocus = false; ///< as soon as there are items
    bool m_hasRows = false; ///< tables are filled: what is current is the user's choice

    QToolButton* m_back = nullptr;
    QLabel *m_title = nullptr, *m_protocol = nullptr, *m_note = nullptr;
    widgets::Chip* m_state = nullptr;
    widgets::ElidedLabel* m_annotations = nullptr;
    QPushButton *m_change = nullptr, *m_run = nullptr;
    QToolButton* m_save = nullptr;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QSplitter* m_splitter;
    QTableView *m_figuresTable = nullptr, *m_itemsTable = nullptr;
    QLineEdit* m_words = nullptr;
    QComboBox* m_which = nullptr;
    QLabel* m_count = nullptr;
    QWidget* m_notes = nullptr;
    QLabel *m_notesText = nullptr, *m_missing = nullptr, *m_missingTitle = nullptr;
    QPushButton* m_copyMissing = nullptr;
    QLabel* m_answersTitle = nullptr;
    widgets::ClipTiles *m_truthTile = nullptr, *m_answers = nullptr;
    Lane<std::shared_ptr<const benchmarks::Evaluation>> m_read;
    Lane<ItemTiles> m_tiles;
    Lane<std::monostate> m_write;
};

} // namespace clipscope::studio
