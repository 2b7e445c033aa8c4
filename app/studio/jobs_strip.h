#pragma once

#include "app/studio/job_list.h"

#include <QFrame>

class QLabel;
class QListView;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace clipscope::widgets {
class ElidedLabel;
}

namespace clipscope::studio {

/// Long work at the foot of the window: one line for what runs, a list when opened. Hidden while
/// there is nothing to say.
/// Threads: GUI thread only.
class JobsStrip final : public QFrame
{
    Q_OBJECT

public:
    explicit JobsStrip(JobService& jobs, QWidget* parent = nullptr);
    void setExpanded(bool expanded);

private:
    void buildLine();
    void buildList();
    void refresh();
    void refreshButtons();
    QString selectedId() const;
    void showLog(const QString& id);

    JobService& m_service;
    JobList m_list;
    QString m_current; ///< the job of the one line
    QLabel* m_title = nullptr;
    QProgressBar* m_bar = nullptr;
    widgets::ElidedLabel* m_text = nullptr;
    QToolButton* m_cancel = nullptr;
    QPushButton* m_resume = nullptr;
    QToolButton* m_expand = nullptr;
    QWidget* m_details = nullptr;
    QListView* m_view = nullptr;
    QPushButton* m_listCancel = nullptr;
    QPushButton* m_listResume = nullptr;
    QPushButton* m_listLog = nullptr;
    QPushButton* m_listDismiss = nullptr;
};

} // namespace clipscope::studio
