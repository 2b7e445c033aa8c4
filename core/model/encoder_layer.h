#pragma once

#include "model/packed_attention.h"

#include <functional>

namespace clipscope::model {

struct Linear
{
    at::Tensor weight, bias;
};

/// x weight^T + bias. Shapes: [..., in] -> [..., out].
at::Tensor applied(const Linear& linear, const at::Tensor& x);

/// Weights of one layer of BERT.
struct EncoderLayer
{
    Linear query, key, value, attentionOut, attentionNorm, intermediate, output, outputNorm;
};

/// A pass over query, key and value of all tokens, each [S, D]; the flag says whether it is to
/// learn.
using Attention
    = std::function<AttentionPass(const at::Tensor&, const at::Tensor&, const at::Tensor&, bool)>;

/// A layer of BERT as one node of the graph, with its backward pass written out: a graphics card
/// gets half of the kernels, and the processor that launches them has little to keep account of.
/// Query, key and value come of one product, what flows past a sublayer is added by the product
/// that joins it, and gradients of weights are summed and written in the weights' own type.
///
/// Shapes: x [S, D] -> [S, D], computed in the type of x, to which the weights are cast; under
///         autocast x must have that type already.
/// Range:  dropout in [0, 1), of what both sublayers give; that of the attention is its own affair.
/// Threads: any thread at once.
at::Tensor encoderLayer(const EncoderLayer& layer, const at::Tensor& x, const Attention& attention,
    double normEps, double dropout);

} // namespace clipscope::model
