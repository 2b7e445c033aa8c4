#pragma once

#include "app/studio/page.h"
#include "base/result.h"

#include <QObject>

#include <cstdint>

namespace clipscope::studio {

/// How pages ask for things that are not theirs. Requests go out as signals; MainWindow and the
/// page concerned answer them.
/// Threads: GUI thread only.
class Navigator final : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    void openPage(PageId page) { Q_EMIT pageRequested(page); }
    /// Opens a video of the catalogue in the Search page's player, paused at a second.
    void openVideo(std::int64_t videoId, double seconds)
    {
        Q_EMIT pageRequested(PageId::Search);
        Q_EMIT videoRequested(videoId, seconds);
    }
    /// Opens a video of the catalogue on the Timeline page, paused at a second.
    void labelVideo(std::int64_t videoId, double seconds)
    {
        Q_EMIT pageRequested(PageId::Timeline);
        Q_EMIT labellingRequested(videoId, seconds);
    }
    /// The text in the top bar's box; `committed` is Enter.
    void query(const QString& text, bool committed) { Q_EMIT queryChanged(text, committed); }
    /// Puts a text into the top bar's box and runs it (history, suggestions).
    void requestQuery(const QString& text) { Q_EMIT queryRequested(text); }
    /// Shows a banner under the top bar.
    void report(const Error& error) { Q_EMIT errorReported(error); }
    void focusQueryBox() { Q_EMIT queryBoxRequested(); }

Q_SIGNALS:
    void pageRequested(clipscope::studio::PageId page);
    void videoRequested(std::int64_t videoId, double seconds);
    void labellingRequested(std::int64_t videoId, double seconds);
    void queryChanged(const QString& text, bool committed);
    void queryRequested(const QString& text);
    void queryBoxRequested();
    void errorReported(const clipscope::Error& error);
};

} // namespace clipscope::studio
