"""Answers of forty students to the four updates, with what a teacher would say of each.

Written without a look at the parser, the table of mistakes or the diagnosis; right and wrong
were settled by a separate evaluation in NumPy against finite differences of the error.

A row is (exercise, text, expectation). The expectation is

- ``True``: right;
- a set of names: wrong, and each of these names is acceptable ("a + b": two mistakes at once);
- ``None``: wrong, and no name fits;
- ``"unreadable"``: the text is no formula.
"""

ANSWERS = [
    # Right: the update of w
    ("update-w", "eta*(y[j]-y_hat[j])*y_hat[j]*(1-y_hat[j])*b[h]", True),
    ("update-w", "Δw_hj = η ŷ_j (1 − ŷ_j)(y_j − ŷ_j) b_h", True),
    (
        "update-w",
        (
            r"\Delta w_{hj} = \eta\, \hat{y}_j \left(1-\hat{y}_j\right)\left(y_j-"
            r"\hat{y}_j\right) b_h"
        ),
        True,
    ),
    ("update-w", "-eta*(yhat_j - y_j)*yhat_j*(1 - yhat_j)*b_h", True),
    ("update-w", "eta b_h o_j (1-o_j) (y_j - o_j)", True),
    ("update-w", "η·b_h·(y_j − ŷ_j)·(ŷ_j − ŷ_j²)", True),
    ("update-w", "eta*b[h]*(y[j]*y_hat[j] - y_hat[j]**2 - y[j]*y_hat[j]**2 + y_hat[j]**3)", True),
    ("update-w", "η（y_j－ŷ_j）ŷ_j（1－ŷ_j）b_h", True),
    ("update-w", "eta * f'(beta_j - theta_j) * (y_j - yhat_j) * b_h", True),
    (
        "update-w",
        r"-\eta \cdot \left[-(y_j - \hat y_j)\right] \cdot \hat y_j (1 - \hat y_j) \cdot b_h",
        True,
    ),
    (
        "update-w",
        (
            "eta*(y_j - sigma(beta_j - theta_j))*sigma(beta_j - theta_j)*(1 -"
            " sigma(beta_j - theta_j))*b_h"
        ),
        True,
    ),
    ("update-w", "((((eta)*(b_h))*((y_j)-(y_hat_j)))*(y_hat_j*(1-(y_hat_j))))", True),
    ("update-w", "η × b_h × ŷ_j × (ŷ_j − 1) × (ŷ_j − y_j)", True),
    (
        "update-w",
        r"\frac{\eta\, b_h (y_j-\hat y_j)(1-\hat y_j)}{1+\exp(-(\beta_j-\theta_j))}",
        True,
    ),
    ("update-w", r"\frac{\eta\, b_h (y_j-\hat y_j)(1-\hat y_j)}{1+e^{-(\beta_j-\theta_j)}}", True),
    (
        "update-w",
        "eta*b[h]*(y[j]-y_hat[j])*exp(theta[j]-beta[j])/(1+exp(theta[j]-beta[j]))^2",
        True,
    ),
    ("update-w", "b_h*eta*y_j*yhat_j*(1-yhat_j) - b_h*eta*yhat_j^2*(1-yhat_j)", True),
    ("update-w", "σ'(β_j − θ_j) (y_j − ŷ_j) b_h η", True),
    ("update-w", "η b_h (y_j-ŷ_j) (1/4 - (ŷ_j - 1/2)²)", True),
    ("update-w", r"$$\Delta w_{hj}=\eta\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)b_h$$", True),
    # Right: the update of theta
    ("update-theta", "-eta*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j])", True),
    ("update-theta", "η ŷ_j (1-ŷ_j)(ŷ_j - y_j)", True),
    ("update-theta", "Δθ_j = −η ŷ_j(1−ŷ_j)(y_j−ŷ_j)", True),
    ("update-theta", r"\Delta\theta_j = -\eta\,\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)", True),
    ("update-theta", "eta*(o_j - y_j)*o_j*(1-o_j)", True),
    ("update-theta", "-(y_j - yhat_j) * eta * sigma'(beta_j - theta_j)", True),
    ("update-theta", "eta*yhat_j*(yhat_j-1)*(y_j-yhat_j)", True),
    ("update-theta", "-η(y_j ŷ_j - ŷ_j² - y_j ŷ_j² + ŷ_j³)", True),
    (
        "update-theta",
        (
            r"\eta \sigma(\beta_j-\theta_j)\left(1-\sigma(\beta_j-\theta_j)\right)"
            r"\left(\hat{y}_j-y_j\right)"
        ),
        True,
    ),
    ("update-theta", "－η＊ŷ_j＊（1－ŷ_j）＊（y_j－ŷ_j）", True),
    ("update-theta", "-eta*(y[j] - y_hat[j])*(y_hat[j] - y_hat[j]**2)", True),
    ("update-theta", "-2*eta*(1/2)*(y_j - y_hat_j)*y_hat_j*(1 - y_hat_j)", True),
    ("update-theta", r"-\frac{\eta}{1}\hat{y}_{j}\{1-\hat{y}_{j}\}[y_{j}-\hat{y}_{j}]", True),
    ("update-theta", "-eta*(y_j-f(beta_j-theta_j))*f(beta_j-theta_j)*(1-f(beta_j-theta_j))", True),
    ("update-theta", "eta*sigma(beta[j]-theta[j])*sigma(theta[j]-beta[j])*(y_hat[j]-y[j])", True),
    ("update-theta", "-η·ŷ_j·(y_j-ŷ_j) + η·ŷ_j²·(y_j-ŷ_j)", True),
    # Right: the update of gamma
    (
        "update-gamma",
        "-eta*b[h]*(1-b[h])*Sum(w[h,j]*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j]), (j,1,l))",
        True,
    ),
    ("update-gamma", "-η b_h (1-b_h) Σ_j w_hj ŷ_j (1-ŷ_j)(y_j-ŷ_j)", True),
    (
        "update-gamma",
        (
            r"\Delta\gamma_h = -\eta\, b_h(1-b_h)\sum_{j=1}^{l} w_{hj}\hat{y}_j(1-"
            r"\hat{y}_j)(y_j-\hat{y}_j)"
        ),
        True,
    ),
    ("update-gamma", "eta*b_h*(1-b_h)*sum_j(w_hj*yhat_j*(1-yhat_j)*(yhat_j-y_j))", True),
    ("update-gamma", "eta*b_h*(b_h-1)*Sum((y_j-o_j)*o_j*(1-o_j)*w_hj, j)", True),
    ("update-gamma", "-η f'(α_h - γ_h) Σ_j f'(β_j - θ_j) (y_j - ŷ_j) w_hj", True),
    ("update-gamma", "Σ_j [ -η b_h (1-b_h) w_hj ŷ_j (1-ŷ_j)(y_j-ŷ_j) ]", True),
    (
        "update-gamma",
        (
            r"-\eta\left(b_h-b_h^2\right)\sum_{j}\left(y_j-\hat y_j\right)\left("
            r"\hat y_j-\hat y_j^2\right)w_{hj}"
        ),
        True,
    ),
    (
        "update-gamma",
        "Sum(w[h,j]*y_hat[j]*(1-y_hat[j])*(y_hat[j]-y[j]), j)*(b[h]-b[h]**2)*eta",
        True,
    ),
    ("update-gamma", "-η（b_h－b_h²）∑_j（w_hj ŷ_j（1－ŷ_j）（y_j－ŷ_j））", True),
    (
        "update-gamma",
        ("-eta*f(alpha_h - gamma_h)*(1 - f(alpha_h - gamma_h))*sum_j(w_hj*o_j*(1-o_j)*(y_j-o_j))"),
        True,
    ),
    (
        "update-gamma",
        ("-eta*b_h*(1-b_h)*(sum_j(w_hj*yhat_j*(1-yhat_j)*y_j) - sum_j(w_hj*yhat_j^2*(1-yhat_j)))"),
        True,
    ),
    (
        "update-gamma",
        (
            r"-\eta \frac{\exp(-(\alpha_h-\gamma_h))}{(1+\exp(-(\alpha_h-"
            r"\gamma_h)))^2} \sum_{j=1}^l w_{hj} \hat{y}_j (1-\hat{y}_j)(y_j-"
            r"\hat{y}_j)"
        ),
        True,
    ),
    ("update-gamma", "η Σ_{j=1}^{l} w_hj (ŷ_j − y_j) ŷ_j (1 − ŷ_j) · b_h (1 − b_h)", True),
    (
        "update-gamma",
        "-eta*b[h]*(1-b[h])*Sum(w[h,n]*y_hat[n]*(1-y_hat[n])*(y[n]-y_hat[n]), (n,1,l))",
        True,
    ),
    # Right: the update of v
    (
        "update-v",
        "eta*x[i]*b[h]*(1-b[h])*Sum(w[h,j]*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j]), (j,1,l))",
        True,
    ),
    ("update-v", "η x_i b_h (1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", True),
    (
        "update-v",
        (
            r"\Delta v_{ih} = \eta\, b_h (1-b_h) \left[\sum_{j=1}^{l} w_{hj}\, "
            r"\hat{y}_j (1-\hat{y}_j)(y_j-\hat{y}_j)\right] x_i"
        ),
        True,
    ),
    ("update-v", "-eta*x_i*b_h*(1-b_h)*sum_j(w_hj*yhat_j*(1-yhat_j)*(yhat_j-y_j))", True),
    ("update-v", "η·(b_h − b_h²)·x_i·∑_j (ŷ_j − ŷ_j²)(y_j − ŷ_j) w_hj", True),
    (
        "update-v",
        "eta * f'(alpha_h - gamma_h) * x_i * Sum(f'(beta_j - theta_j)*(y_j - yhat_j)*w_hj, j)",
        True,
    ),
    ("update-v", "sum_j(eta*x_i*w_hj*b_h*(1-b_h)*o_j*(1-o_j)*(y_j-o_j))", True),
    (
        "update-v",
        (
            r"-\eta x_i \sum_j \left(-(y_j-\hat y_j)\right)\hat y_j(1-\hat y_j)"
            r" w_{hj} \cdot b_h(1-b_h)"
        ),
        True,
    ),
    (
        "update-v",
        "Δv_ih＝η＊x_i＊b_h＊（1－b_h）＊Σ_j（w_hj＊ŷ_j＊（1－ŷ_j）＊（y_j－ŷ_j））",
        True,
    ),
    (
        "update-v",
        (
            r"\eta x_i \sigma'(\alpha_h-\gamma_h)\sum_{j=1}^{l}(y_j-\hat{y}_j)"
            r"\sigma'(\beta_j-\theta_j)w_{hj}"
        ),
        True,
    ),
    (
        "update-v",
        (
            "eta*x[i]*sigma(alpha[h]-gamma[h])*(1-sigma(alpha[h]-gamma[h]))"
            "*Sum(w[h,j]*(y[j]-y_hat[j])*(y_hat[j]-y_hat[j]**2), j)"
        ),
        True,
    ),
    (
        "update-v",
        "η b_h x_i Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j) - η b_h² x_i Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)",
        True,
    ),
    (
        "update-v",
        (
            r"\frac{\eta x_i b_h(1-b_h)}{2}\sum_{j=1}^{l} 2 w_{hj}\hat y_j(1-\hat"
            r" y_j)(y_j-\hat y_j)"
        ),
        True,
    ),
    ("update-v", "eta*x_i*b_h*(1-b_h)*sum(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j), j)", True),
    ("update-v", r"\eta x_ib_h(1-b_h)\sum_jw_{hj}\hat y_j(1-\hat y_j)(y_j-\hat y_j)", True),
    # One mistake: the update of w
    ("update-w", "(y_j - ŷ_j) ŷ_j (1-ŷ_j) b_h", {"missing-eta"}),
    ("update-w", "eta*(y[j]-y_hat[j])*b[h]", {"missing-slope-output"}),
    ("update-w", "eta*(yhat_j - y_j)*yhat_j*(1-yhat_j)*b_h", {"update-sign"}),
    ("update-w", r"-\eta\,\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)\,b_h", {"update-sign"}),
    ("update-w", "-(y_j-ŷ_j) ŷ_j(1-ŷ_j) b_h", {"gradient-for-update"}),
    ("update-w", "η² ŷ_j(1-ŷ_j)(y_j-ŷ_j) b_h", {"eta-twice"}),
    ("update-w", "w_hj + η ŷ_j (1-ŷ_j)(y_j-ŷ_j) b_h", {"new-value-for-change"}),
    ("update-w", "eta*(y_j-o_j)*o_j*b_h", {"value-for-slope-output"}),
    ("update-w", r"\eta (y_j-\hat y_j)(1-\hat y_j) b_h", {"half-slope-output"}),
    ("update-w", "η ŷ_j²(1-ŷ_j)²(y_j-ŷ_j)b_h", {"slope-twice-output"}),
    ("update-w", "eta*beta_j*(1-beta_j)*(y_j-yhat_j)*b_h", {"slope-at-net-input-output"}),
    ("update-w", "Δw_hj = η (1-ŷ_j²)(y_j-ŷ_j) b_h", {"tanh-slope-output"}),
    ("update-w", "eta*(y_j-yhat_j)*f'(beta_j)*b_h", {"missing-threshold-in-slope-output"}),
    ("update-w", "eta*(y_j - yhat_j)*sigma'(beta_j + theta_j)*b_h", {"bias-for-threshold-output"}),
    ("update-w", "η y_j (1-y_j)(y_j-ŷ_j) b_h", {"target-slope"}),
    ("update-w", "eta*(y_j-o_j)*b_h*(1-b_h)*b_h", {"hidden-slope-at-output"}),
    ("update-w", "eta*yhat_j*(1-yhat_j)*b_h", {"missing-error"}),
    ("update-w", r"\eta\, y_j\, \hat{y}_j(1-\hat{y}_j)\, b_h", {"target-for-error"}),
    ("update-w", "eta*yhat_j^2*(1-yhat_j)*b_h", {"output-for-error"}),
    ("update-w", "η (y_j-ŷ_j)² ŷ_j(1-ŷ_j) b_h", {"square-not-differentiated"}),
    ("update-w", "2η (y_j-ŷ_j) ŷ_j(1-ŷ_j) b_h", {"half-lost"}),
    ("update-w", r"\frac{1}{2}\eta(y_j-\hat y_j)\hat y_j(1-\hat y_j)b_h", {"half-kept"}),
    ("update-w", "η/l · (y_j-ŷ_j) ŷ_j(1-ŷ_j) b_h", {"mean-over-outputs"}),
    ("update-w", "(2/l)*eta*(y[j]-y_hat[j])*y_hat[j]*(1-y_hat[j])*b[h]", {"two-over-n"}),
    ("update-w", "η Σ_j (y_j-ŷ_j) ŷ_j (1-ŷ_j) b_h", {"needless-sum"}),
    ("update-w", "eta*(y_j-yhat_j)*yhat_j*(1-yhat_j)", {"missing-b"}),
    ("update-w", "η b_h² ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"b-twice"}),
    ("update-w", "η α_h ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"net-input-for-b"}),
    ("update-w", "eta*w_hj*(y_j-o_j)*o_j*(1-o_j)", {"w-for-b"}),
    ("update-w", r"\Delta w_{hj} = \eta x_i \hat y_j (1-\hat y_j)(y_j-\hat y_j)", {"x-for-b"}),
    ("update-w", "eta*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j])*b[j]", {"signal-index"}),
    ("update-w", "η ŷ_h (1-ŷ_h)(y_h-ŷ_h) b_j", {"outer-product-transposed"}),
    # One mistake: the update of theta
    ("update-theta", "η ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"threshold-sign"}),
    ("update-theta", "-eta*(o_j-y_j)*o_j*(1-o_j)", {"threshold-sign"}),
    ("update-theta", "-(y_j-ŷ_j)ŷ_j(1-ŷ_j)", {"missing-eta"}),
    ("update-theta", "(y_j - yhat_j)*yhat_j*(1 - yhat_j)", {"gradient-for-update"}),
    ("update-theta", "-eta*yhat_j*(1-yhat_j)*(y_j-yhat_j)*b_h", {"threshold-with-signal"}),
    ("update-theta", "theta_j - eta*(y_j-yhat_j)*yhat_j*(1-yhat_j)", {"new-value-for-change"}),
    ("update-theta", "Δθ_j = -η(y_j-ŷ_j)", {"missing-slope-output"}),
    ("update-theta", "-η ŷ_j(1-ŷ_j)(y_j-ŷ_j)^2", {"square-not-differentiated"}),
    ("update-theta", r"-\eta\sum_{j=1}^{l}\hat y_j(1-\hat y_j)(y_j-\hat y_j)", {"needless-sum"}),
    ("update-theta", "-2*eta*(y[j]-y_hat[j])*y_hat[j]*(1-y_hat[j])", {"half-lost"}),
    (
        "update-theta",
        "-eta*(beta_j-theta_j)*(1-(beta_j-theta_j))*(y_j-yhat_j)",
        {"slope-at-net-input-output"},
    ),
    ("update-theta", "-η y_j ŷ_j (1-ŷ_j)", {"target-for-error"}),
    ("update-theta", "-η (1-ŷ_j)(y_j-ŷ_j)", {"half-slope-output"}),
    ("update-theta", r"-\eta^2\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)", {"eta-twice"}),
    # One mistake: the update of gamma
    ("update-gamma", "η b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"threshold-sign"}),
    (
        "update-gamma",
        "-eta*b_h*(1-b_h)*sum_j(w_hj*yhat_j*(1-yhat_j)*(yhat_j-y_j))",
        {"difference-turned"},
    ),
    ("update-gamma", "-eta*b_h*(1-b_h)*w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j)", {"missing-sum"}),
    ("update-gamma", "-η b_h(1-b_h) Σ_j ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-w"}),
    (
        "update-gamma",
        r"-\eta\sum_{j=1}^{l} w_{hj}\hat{y}_j(1-\hat{y}_j)(y_j-\hat{y}_j)",
        {"missing-slope-hidden"},
    ),
    ("update-gamma", "-eta*b_h*(1-b_h)*Sum(w_hj*(y_j-o_j), j)", {"cross-entropy-delta"}),
    ("update-gamma", "-η b_h Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"value-for-slope-hidden"}),
    ("update-gamma", "-η (1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"half-slope-hidden"}),
    (
        "update-gamma",
        "-eta*(1-b_h^2)*sum_j(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j))",
        {"tanh-slope-hidden"},
    ),
    (
        "update-gamma",
        "-eta*f'(alpha_h)*Sum(f'(beta_j-theta_j)*(y_j-yhat_j)*w_hj, j)",
        {"missing-threshold-in-slope-hidden"},
    ),
    ("update-gamma", "-η b_h(1-b_h) w_hj Σ_j ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"w-outside-sum"}),
    ("update-gamma", "-η b_h(1-b_h) (Σ_j w_hj)(Σ_j ŷ_j(1-ŷ_j)(y_j-ŷ_j))", {"product-of-sums"}),
    (
        "update-gamma",
        "-eta*b[h]*(1-b[h])*Sum(w[h,j]*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j]), h)",
        {"sum-over-h"},
    ),
    ("update-gamma", "-η b_h(1-b_h) Σ_j w_jh ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"w-transposed"}),
    ("update-gamma", "-eta*b_h*(1-b_h)*sum_j(b_h*yhat_j*(1-yhat_j)*(y_j-yhat_j))", {"b-for-w"}),
    (
        "update-gamma",
        r"-\eta x_i b_h(1-b_h)\sum_j w_{hj}\hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        {"threshold-with-signal"},
    ),
    ("update-gamma", "-(η/l) b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"mean-over-outputs"}),
    (
        "update-gamma",
        "-η b_h(1-b_h) Σ_j (w_hj + η ŷ_j(1-ŷ_j)(y_j-ŷ_j)b_h) ŷ_j(1-ŷ_j)(y_j-ŷ_j)",
        {"updated-w"},
    ),
    (
        "update-gamma",
        "-eta*yhat_j*(1-yhat_j)*sum_j(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j))",
        {"output-slope-at-hidden"},
    ),
    ("update-gamma", "-η α_h(1-α_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"slope-at-net-input-hidden"}),
    ("update-gamma", "b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"gradient-for-update"}),
    ("update-gamma", "γ_h - η b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"new-value-for-change"}),
    # One mistake: the update of v
    ("update-v", "η b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-x"}),
    ("update-v", "x_i*b_h*(1-b_h)*Sum(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j), j)", {"missing-eta"}),
    ("update-v", "η x_i b_h(1-b_h) w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-sum"}),
    (
        "update-v",
        r"\eta x_i b_h(1-b_h)\sum_{j=1}^{l}\hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        {"missing-w"},
    ),
    ("update-v", "eta*x_i*sum_j(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j))", {"missing-slope-hidden"}),
    ("update-v", "η x_i b_h (1-b_h) Σ_j w_hj (y_j-ŷ_j)", {"cross-entropy-delta"}),
    ("update-v", "η b_h · b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"b-for-x"}),
    ("update-v", "eta*v_ih*b_h*(1-b_h)*sum_j(w_hj*o_j*(1-o_j)*(y_j-o_j))", {"v-for-x"}),
    ("update-v", "η x_i b_h(1-b_h) Σ_j v_ih ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"v-for-w"}),
    (
        "update-v",
        "eta*x_h*b_h*(1-b_h)*Sum(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j), j)",
        {"signal-index"},
    ),
    ("update-v", "η b_h(1-b_h) Σ_i x_i Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"sum-over-inputs"}),
    ("update-v", "-η x_i b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"update-sign"}),
    ("update-v", "eta*x_i*b_h*(1-b_h)*Sum(w_hj*o_j*(1-o_j)*(o_j-y_j), j)", {"difference-turned"}),
    ("update-v", "η x_i b_h²(1-b_h)² Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"slope-twice-hidden"}),
    (
        "update-v",
        "eta*x[i]*b[h]*(1-b[h])*Sum(w[h,j]*y_hat[j]*(1-y_hat[j]), (j,1,l))",
        {"missing-error"},
    ),
    (
        "update-v",
        r"\frac{\eta}{2} x_i b_h(1-b_h)\sum_j w_{hj}\hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        {"half-kept"},
    ),
    (
        "update-v",
        "eta*x_i*f'(alpha_h+gamma_h)*sum_j(w_hj*(y_j-yhat_j)*yhat_j*(1-yhat_j))",
        {"bias-for-threshold-hidden"},
    ),
    (
        "update-v",
        "η x_i b_h(1-b_h) Σ_j (w_hj + η b_h ŷ_j(1-ŷ_j)(y_j-ŷ_j)) ŷ_j(1-ŷ_j)(y_j-ŷ_j)",
        {"updated-w"},
    ),
    (
        "update-v",
        "eta*x[i]*b[h]*(1-b[h])*Sum(w[j,h]*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j]), j)",
        {"w-transposed"},
    ),
    ("update-v", "η x_h b_i(1-b_i) Σ_j w_ij ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"outer-product-transposed"}),
    ("update-v", "η x_i b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)²", {"square-not-differentiated"}),
    ("update-v", "v_ih + η x_i b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"new-value-for-change"}),
    # Two mistakes
    ("update-w", "(y_j-ŷ_j) b_h", {"missing-eta + missing-slope-output"}),
    ("update-w", "yhat_j*(1-yhat_j)*(y_j-yhat_j)", {"missing-eta + missing-b"}),
    ("update-w", "-η(y_j-ŷ_j)b_h", {"missing-slope-output + update-sign"}),
    ("update-w", r"2\eta(y_j-\hat y_j)b_h", {"half-lost + missing-slope-output"}),
    ("update-w", "ŷ_j(1-ŷ_j)(y_j-ŷ_j)² b_h", {"missing-eta + square-not-differentiated"}),
    ("update-theta", "eta*(y_j-yhat_j)", {"missing-slope-output + threshold-sign"}),
    ("update-theta", "η ŷ_j(1-ŷ_j)(y_j-ŷ_j) b_h", {"threshold-sign + threshold-with-signal"}),
    ("update-theta", "2η ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"half-lost + threshold-sign"}),
    (
        "update-gamma",
        "eta*b_h*(1-b_h)*w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j)",
        {"missing-sum + threshold-sign"},
    ),
    ("update-gamma", "η Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-slope-hidden + threshold-sign"}),
    ("update-gamma", "-b_h(1-b_h) Σ_j w_hj (y_j-ŷ_j)", {"cross-entropy-delta + missing-eta"}),
    (
        "update-gamma",
        r"\eta b_h(1-b_h)\sum_j \hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        {"missing-w + threshold-sign"},
    ),
    ("update-v", "b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-eta + missing-x"}),
    (
        "update-v",
        "eta*b_h*(1-b_h)*w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j)",
        {"missing-sum + missing-x"},
    ),
    ("update-v", "η x_i Σ_j w_hj (y_j-ŷ_j)", {"cross-entropy-delta + missing-slope-hidden"}),
    (
        "update-v",
        "-eta*x_i*b_h*(1-b_h)*sum_j(yhat_j*(1-yhat_j)*(y_j-yhat_j))",
        {"missing-w + update-sign"},
    ),
    ("update-v", "x_i b_h(1-b_h) w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"missing-eta + missing-sum"}),
    # Wrong, and no name fits
    ("update-w", "0", None),
    ("update-w", "w_hj * x_i * b_h", None),
    ("update-w", "eta*(y_j+yhat_j)*b_h^3", None),
    ("update-w", "exp(-b_h)*eta", None),
    ("update-w", "eta*f'(yhat_j)*(y_j-yhat_j)*b_h", None),
    ("update-w", "η (y_j-ŷ_j)/(ŷ_j(1-ŷ_j)) b_h", None),
    ("update-w", "η (y_j-ŷ_j) ŷ_j (1+ŷ_j) b_h", None),
    ("update-theta", "eta*theta_j", None),
    ("update-theta", "(beta_j-theta_j)^2 - y_j", None),
    ("update-theta", "-η(ŷ_j(1-ŷ_j) + (y_j-ŷ_j))", None),
    ("update-gamma", "γ_h α_h Σ_j ŷ_j", None),
    ("update-gamma", "-eta*gamma_h*b_h", None),
    ("update-gamma", "-η b_h(1-b_h) + Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", None),
    ("update-v", "v_ih*x_i/(1+exp(-alpha_h))", None),
    ("update-v", "η x_i α_h Σ_j (y_j-ŷ_j)^3 w_hj + 7", None),
    ("update-v", r"\sum_j w_{hj}", None),
    # Unreadable: no formula, or none that these letters allow
    ("update-w", "eta*(y_j-yhat_j*yhat_j*(1-yhat_j)*b_h", "unreadable"),
    ("update-w", "η ŷ_j (1-ŷ_j)) (y_j-ŷ_j) b_h", "unreadable"),
    ("update-w", "eta*y_hat[j*(1-y_hat[j])*(y[j]-y_hat[j])*b[h]", "unreadable"),
    ("update-w", "eta * / (y_j - yhat_j) * b_h", "unreadable"),
    ("update-w", "learning rate times error times slope", "unreadable"),
    ("update-w", "eta*zhat_j*(1-zhat_j)*b_h", "unreadable"),
    ("update-theta", r"-\frac{\eta}{\hat y_j(1-\hat y_j)(y_j-\hat y_j)", "unreadable"),
    ("update-theta", "-eta*yhat_j*(1-)*(y_j-yhat_j)", "unreadable"),
    ("update-gamma", "-eta*b_h*(1-b_h)*Sum(w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j),", "unreadable"),
    (
        "update-gamma",
        r"-\eta b_h(1-b_h)\sum_{j=1}^{l w_{hj}\hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        "unreadable",
    ),
    ("update-v", "eta*x_i*b_h*(1-b_h)*Sum(, j)", "unreadable"),
    ("update-v", "η x_i b_h(1-b_h) Σ w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j) ???", "unreadable"),
    # Right, second round: habits of LaTeX, Word and Python
    ("update-w", r"\eta \hat{y_j}(1-\hat{y_j})(y_j-\hat{y_j})b_h", True),
    ("update-w", r"\eta\bigl(y_j-\hat y_j\bigr)\hat y_j\bigl(1-\hat y_j\bigr)b_h", True),
    ("update-w", r"\eta (y_j-\hat y_j) f^{\prime}(\beta_j-\theta_j) b_h", True),
    ("update-w", "η ŷ_j (1-ŷ_j)(y_j-ŷ_j) b_h", True),
    ("update-w", "η b_h (y_j - σ(Σ_h w_hj b_h - θ_j)) ŷ_j (1-ŷ_j)", True),
    ("update-w", "1.0*eta*(y_j - yhat_j)*yhat_j*(1.0 - yhat_j)*sigma(alpha_h - gamma_h)", True),
    ("update-w", "eta*yhat[j]*(1-yhat[j])*(y[j]-yhat[j])*b[h]", True),
    ("update-theta", r"-\eta\,\sigma^{\prime}(\beta_j-\theta_j)(y_j-\hat y_j)", True),
    ("update-theta", "(ŷ_j − y_j) · η ÷ (1/(ŷ_j (1 − ŷ_j)))", True),
    ("update-theta", r"-\dfrac{\eta\,(y_j-\hat{y}_j)\,(1-\hat{y}_j)}{\hat{y}_j^{-1}}", True),
    (
        "update-gamma",
        r"-\eta b_h(1-b_h)\sum\limits_{j=1}^{l} w_{hj}\hat y_j(1-\hat y_j)(y_j-\hat y_j)",
        True,
    ),
    ("update-gamma", "-η b_h (1-b_h) ∑_(j=1)^l w_hj ŷ_j (1-ŷ_j)(y_j-ŷ_j)", True),
    ("update-gamma", "-eta*b_h*(1-b_h)*sum_{j=1}^{l} w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j)", True),
    (
        "update-v",
        "eta*x[i]*b[h]*(1-b[h])*Sum(w[h][j]*y_hat[j]*(1-y_hat[j])*(y[j]-y_hat[j]), j)",
        True,
    ),
    (
        "update-v",
        r"\eta x_i b_h(1-b_h)\sum_{j}\{w_{hj}(y_j-\hat{y}_j)\hat{y}_j(1-\hat{y}_j)\}",
        True,
    ),
    ("update-v", "eta*b_h*(1-b_h)*x_i*(sum_j w_hj*yhat_j*(1-yhat_j)*(y_j-yhat_j))", True),
    # Wrong, second round
    ("update-w", "(ŷ_j - y_j) ŷ_j (1-ŷ_j) b_h", {"gradient-for-update"}),
    ("update-w", r"\eta \hat{y_j}(y_j-\hat{y_j})b_h", {"value-for-slope-output"}),
    (
        "update-w",
        r"w_{hj}-\eta\hat y_j(1-\hat y_j)(y_j-\hat y_j)b_h",
        {"new-value-for-change + update-sign"},
    ),
    ("update-theta", "-η ŷ_j (1-ŷ_j)(y_j-ŷ_j)·(-1)", {"threshold-sign"}),
    ("update-theta", r"\eta f'(\beta_j-\theta_j)(y_j-\hat y_j)", {"threshold-sign"}),
    ("update-gamma", "-η f'(γ_h - α_h) w_hj Σ_j (y_j-ŷ_j) f'(β_j-θ_j)", {"w-outside-sum"}),
    (
        "update-gamma",
        r"\sum_j w_{hj}(y_j-\hat y_j)\hat y_j(1-\hat y_j)\cdot b_h(1-b_h)(-1)",
        {"missing-eta"},
    ),
    ("update-v", "eta*x_i*b_h*(1-b_h)*sum_j(w_hj*(y_j-yhat_j)*yhat_j)", {"value-for-slope-output"}),
    ("update-v", "(2/l) η x_i b_h(1-b_h) Σ_j w_hj ŷ_j(1-ŷ_j)(y_j-ŷ_j)", {"two-over-n"}),
    ("update-w", "eta*yhat_j*(1-yhat_j)*y_j-yhat_j*b_h", None),
    ("update-w", "η ŷ_j 1-ŷ_j (y_j-ŷ_j) b_h", None),
    ("update-theta", "-η ŷ_j (1-ŷ_j)(y_j-ŷ_j) θ_j", None),
    ("update-v", "η x_i b_h(1-b_h) (Σ_j w_hj) ŷ_j (1-ŷ_j)(y_j-ŷ_j)", None),
]
