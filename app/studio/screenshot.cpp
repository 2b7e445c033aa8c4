#include "app/studio/screenshot.h"

#include "app/studio/main_window.h"
#include "widgets/common/format.h"

#include <QPixmap>

namespace clipscope::studio {

namespace {

constexpr int lookMilliseconds = 100;
constexpr int calmLooks = 8;
constexpr qint64 patienceMilliseconds = 60000;

} // namespace

Screenshot::Screenshot(MainWindow& window, QString file)
    : m_window(window)
    , m_file(std::move(file))
{
    m_age.start();
    m_timer.setInterval(lookMilliseconds);
    connect(&m_timer, &QTimer::timeout, this, &Screenshot::look);
    m_timer.start();
}

void Screenshot::look()
{
    m_calm = m_window.isSettled() ? m_calm + 1 : 0;
    if (m_calm < calmLooks && m_age.elapsed() < patienceMilliseconds)
        return;
    m_timer.stop();
    if (m_window.grab().save(m_file))
        Q_EMIT finished({});
    else
        Q_EMIT finished(fail(ErrorKind::Io, "The picture could not be written.",
            { widgets::toPath(m_file), {} },
            "The folder must exist and the name end in .png or .jpg."));
}

} // namespace clipscope::studio
