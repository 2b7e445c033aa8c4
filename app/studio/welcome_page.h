#pragma once

#include "app/studio/services.h"

#include <QStringList>
#include <QWidget>

namespace clipscope::studio {

/// What the window shows without a project, and the way to one: buttons, or a drop. Dropped videos
/// and folders ask where the new project shall lie and are imported into it; a dropped project is
/// opened.
/// Threads: GUI thread only.
class WelcomePage final : public QWidget
{
    Q_OBJECT

public:
    explicit WelcomePage(Services& services, QWidget* parent = nullptr);

    void createProject();
    void openProject();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    /// Asks for the place of a project that `paths` are then imported into.
    void askWhere(const QString& suggestion, const QStringList& paths);
    void onProjectChanged();

    Services& m_services;
    QStringList m_toImport; ///< once the project is there
};

} // namespace clipscope::studio
