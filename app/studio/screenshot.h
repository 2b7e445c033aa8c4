#pragma once

#include "base/result.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

namespace clipscope::studio {

class MainWindow;

/// Writes a picture of the window once everything on it is there: pages say when they have
/// settled, and a calm while must follow.
/// Errors:  Io when the file cannot be written; after a minute the picture is taken as it is.
/// Threads: GUI thread only.
class Screenshot final : public QObject
{
    Q_OBJECT

public:
    Screenshot(MainWindow& window, QString file);

Q_SIGNALS:
    void finished(const clipscope::Status& status);

private:
    void look();

    MainWindow& m_window;
    QString m_file;
    QElapsedTimer m_age;
    int m_calm = 0; ///< looks in a row that found the window settled
    QTimer m_timer;
};

} // namespace clipscope::studio
