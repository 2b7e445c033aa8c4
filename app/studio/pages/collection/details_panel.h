#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/collection/collection_reader.h"

#include <QStandardItemModel>
#include <QWidget>

class QLabel;
class QListView;
class QPushButton;
class QFormLayout;
class QStackedWidget;

namespace clipscope::widgets {
class ElidedLabel;
}

namespace clipscope::studio {

/// What is known about the selected video: streams, captions, problems.
/// Threads: GUI thread only; captions are read in a lane.
class DetailsPanel final : public QWidget
{
    Q_OBJECT

public:
    explicit DetailsPanel(QWidget* parent = nullptr);
    /// Shows a row of `project`; null shows nothing.
    void show(const std::filesystem::path& project, const CollectionRow* row);
    bool isLoading() const { return m_lane.isBusy(); }

Q_SIGNALS:
    void openRequested(std::int64_t videoId, double seconds);
    void failed(const clipscope::Error& error);

private:
    void addFact(const QString& name, const QString& value);
    void fillFacts(const CollectionRow& row);
    void fillProblems(const CollectionRow& row);
    void loadCaptions(const std::filesystem::path& project);

    CollectionRow m_row;
    QStackedWidget* m_stack;
    widgets::ElidedLabel *m_name, *m_path;
    QWidget* m_facts;
    QFormLayout* m_factsLayout;
    QLabel* m_problems;
    QLabel* m_captionsTitle;
    QListView* m_captions;
    QStandardItemModel m_captionsModel;
    QPushButton *m_play, *m_reveal;
    Lane<std::vector<store::CaptionRecord>> m_lane;
};

} // namespace clipscope::studio
