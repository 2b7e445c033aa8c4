#pragma once

#include <QMimeData>
#include <QStringList>
#include <QUrl>

namespace clipscope::studio {

/// Files and folders among what is dragged or pasted.
inline QStringList localPaths(const QMimeData* data)
{
    QStringList paths;
    const QList<QUrl> urls = data->urls();
    for (const QUrl& url : urls)
        if (url.isLocalFile())
            paths += url.toLocalFile();
    return paths;
}

} // namespace clipscope::studio
