#pragma once

#include "widgets/results/thumbnail_source.h"

namespace clipscope::test {

/// Never has a picture, counts the wishes.
class NoThumbnails final : public widgets::ThumbnailSource
{
public:
    QImage thumbnail(const widgets::ThumbnailKey&) override
    {
        ++wishes;
        return {};
    }
    int wishes = 0;
};

} // namespace clipscope::test
