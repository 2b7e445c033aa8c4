#pragma once

#include "base/json.h"
#include "support/verify.h"
#include "tensor/tensor_file.h"

namespace clipscope::test {

/// Names, inputs and outputs of the reference's S3D.
struct S3dFixtures
{
    Json names;
    tensor::TensorFile io;

    static bool areThere() { return std::filesystem::exists(fixturesFolder() / "s3d_names.json"); }
    /// Errors: as readJson() and readSafetensors().
    static Result<S3dFixtures> read()
    {
        S3dFixtures fixtures;
        CLIP_TRY_ASSIGN(fixtures.names, readJson(fixturesFolder() / "s3d_names.json"));
        CLIP_TRY_ASSIGN(
            fixtures.io, tensor::readSafetensors(fixturesFolder() / "s3d_io.safetensors"));
        return fixtures;
    }
};

} // namespace clipscope::test
