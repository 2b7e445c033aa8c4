#pragma once

#include "widgets/results/thumbnail_source.h"

#include <QListView>

namespace clipscope::studio {

class VideoFilter;

/// The collection as pictures, in as many columns as fit.
/// Threads: GUI thread only.
class VideoGrid final : public QListView
{
    Q_OBJECT

public:
    VideoGrid(VideoFilter& rows, widgets::ThumbnailSource& thumbnails, QWidget* parent = nullptr);

protected:
    void resizeEvent(QResizeEvent* event) override;
};

} // namespace clipscope::studio
