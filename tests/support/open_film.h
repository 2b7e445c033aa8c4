#pragma once

#include "widgets/player/playback.h"

#include <QSignalSpy>
#include <QTest>

namespace clipscope::test {

/// Opens a film, small, and waits until its first frame is shown and its sound is found.
inline void openFilmWithSound(widgets::Playback& playback, const QString& film)
{
    QSignalSpy sound(&playback, &widgets::Playback::soundKnown);
    QSignalSpy shown(&playback, &widgets::Playback::frameShown);
    playback.open(film, nullptr, media::DecodeSize::bounded(64, 64));
    QVERIFY(shown.wait());
    QVERIFY(!sound.isEmpty() || sound.wait());
    QVERIFY(sound.first().first().toBool());
}

} // namespace clipscope::test
