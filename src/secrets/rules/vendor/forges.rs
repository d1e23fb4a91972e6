//! Code hosts, package registries and what builds for them.

use super::{Look, Rule, named, rule, specs, token};
use crate::secrets::checksum;

pub(super) const RULES: &[Rule] = &[
    token(
        "github-token",
        "GitHub token",
        "github",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        specs!["ghp_{a36+}", "gho_{a36+}", "ghu_{a36+}", "ghs_{d1-12}_eyJ{o60+}", "ghs_{a36+}", "ghr_{a36+}"],
    )
    .check(checksum::crc_base62)
    .examples(
        &[
            "ghp_‹a36›",
            "gho_‹a36›",
            "ghu_‹a36›",
            "ghs_‹d1›_eyJ‹a60›",
            "令牌ghs_‹a36›。",
            "%20gho_‹a36›",
            "|ghu_‹a36›|",
            r"x\u003dghp_‹a36›",
            r"\x1b[31mghp_‹a36›\x1b[0m",
            "a,ghp_‹a36›,b",
        ],
        &["ghp_short", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    ),
    token("github-pat", "GitHub token", "github", &["github_pat_"], specs!["github_pat_{m40+}"])
        .examples(&["github_pat_‹a22›_‹a59›"], &["github_pat_token"]),
    token(
        "gitlab-pat",
        "GitLab token",
        "gitlab",
        &["glpat-"],
        specs!["glpat-{w20+}.{n2}.{n7-9}", "glpat-{w20+}.{n9}", "glpat-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glpat-‹w20›.‹n2›.‹n7›", "glpat-‹w20›.‹n9›", "glpat-‹w20›"],
        &["glpat-<token>", "glpat-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-deploy",
        "GitLab deploy token",
        "gitlab",
        &["gldt-"],
        specs!["gldt-{w20+}.{n2}.{n7-9}", "gldt-{w20+}.{n9}", "gldt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["gldt-‹w20›.‹n2›.‹n7›", "gldt-‹w20›.‹n9›", "gldt-‹w20›"],
        &["gldt-<token>", "gldt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-trigger",
        "GitLab trigger token",
        "gitlab",
        &["glptt-"],
        specs!["glptt-{w20+}.{n2}.{n7-9}", "glptt-{w20+}.{n9}", "glptt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glptt-‹w20›.‹n2›.‹n7›", "glptt-‹w20›.‹n9›", "glptt-‹w20›"],
        &["glptt-<token>", "glptt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-feed",
        "GitLab feed token",
        "gitlab",
        &["glft-"],
        specs!["glft-{w20+}.{n2}.{n7-9}", "glft-{w20+}.{n9}", "glft-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glft-‹w20›.‹n2›.‹n7›", "glft-‹w20›.‹n9›", "glft-‹w20›"],
        &["glft-<token>", "glft-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-scim",
        "GitLab SCIM token",
        "gitlab",
        &["glsoat-"],
        specs!["glsoat-{w20+}.{n2}.{n7-9}", "glsoat-{w20+}.{n9}", "glsoat-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glsoat-‹w20›.‹n2›.‹n7›", "glsoat-‹w20›.‹n9›", "glsoat-‹w20›"],
        &["glsoat-<token>", "glsoat-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-job",
        "GitLab job token",
        "gitlab",
        &["glcbt-"],
        specs!["glcbt-{w20+}.{n2}.{n7-9}", "glcbt-{w20+}.{n9}", "glcbt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glcbt-‹w20›.‹n2›.‹n7›", "glcbt-‹w20›.‹n9›", "glcbt-‹w20›"],
        &["glcbt-<token>", "glcbt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-mail",
        "GitLab mail token",
        "gitlab",
        &["glimt-"],
        specs!["glimt-{w20+}.{n2}.{n7-9}", "glimt-{w20+}.{n9}", "glimt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glimt-‹w20›.‹n2›.‹n7›", "glimt-‹w20›.‹n9›", "glimt-‹w20›"],
        &["glimt-<token>", "glimt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-agent",
        "GitLab agent token",
        "gitlab",
        &["glagent-"],
        specs!["glagent-{w20+}.{n2}.{n7-9}", "glagent-{w20+}.{n9}", "glagent-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glagent-‹w20›.‹n2›.‹n7›", "glagent-‹w20›.‹n9›", "glagent-‹w20›"],
        &["glagent-<token>", "glagent-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-runner",
        "GitLab runner token",
        "gitlab",
        &["glrt-"],
        specs!["glrt-{w20+}.{n2}.{n7-9}", "glrt-{w20+}.{n9}", "glrt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glrt-‹w20›.‹n2›.‹n7›", "glrt-‹w20›.‹n9›", "glrt-‹w20›"],
        &["glrt-<token>", "glrt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-oauth",
        "GitLab OAuth secret",
        "gitlab",
        &["gloas-"],
        specs!["gloas-{w20+}.{n2}.{n7-9}", "gloas-{w20+}.{n9}", "gloas-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["gloas-‹w20›.‹n2›.‹n7›", "gloas-‹w20›.‹n9›", "gloas-‹w20›"],
        &["gloas-<token>", "gloas-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-flags",
        "GitLab feature flag token",
        "gitlab",
        &["glffct-"],
        specs!["glffct-{w20+}.{n2}.{n7-9}", "glffct-{w20+}.{n9}", "glffct-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glffct-‹w20›.‹n2›.‹n7›", "glffct-‹w20›.‹n9›", "glffct-‹w20›"],
        &["glffct-<token>", "glffct-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-workspace",
        "GitLab workspace token",
        "gitlab",
        &["glwt-"],
        specs!["glwt-{w20+}.{n2}.{n7-9}", "glwt-{w20+}.{n9}", "glwt-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glwt-‹w20›.‹n2›.‹n7›", "glwt-‹w20›.‹n9›", "glwt-‹w20›"],
        &["glwt-<token>", "glwt-some-words-in-kebab-case-here"],
    ),
    token(
        "gitlab-registration",
        "GitLab runner token",
        "gitlab",
        &["glrtr-"],
        specs!["glrtr-{w20+}.{n2}.{n7-9}", "glrtr-{w20+}.{n9}", "glrtr-{w20+}"],
    )
    .check(checksum::routable)
    .examples(
        &["glrtr-‹w20›.‹n2›.‹n7›", "glrtr-‹w20›.‹n9›", "glrtr-‹w20›"],
        &["glrtr-<token>", "glrtr-some-words-in-kebab-case-here"],
    ),
    token("gitlab-session", "GitLab session", "gitlab", &["_gitlab_session="], specs!["_gitlab_session=({h32})"])
        .examples(&["_gitlab_session=‹h32›"], &["_gitlab_session=<id>", "glsess-some-words-in-kebab-case-here"]),
    token("gitlab-runner-old", "GitLab runner token", "gitlab", &["gr1348941"], specs!["GR1348941{w20+}"])
        .examples(&["GR1348941‹w20›"], &["GR1348941"]),
    rule(
        "gitlab-mail-address",
        "GitLab mail address",
        "gitlab",
        &["incoming+"],
        r"incoming\+[\w.-]{3,120}-([\w-]{20,26})-(?:issue|merge-request)",
    )
    .look(Look::Random)
    .sure(0.9)
    .examples(&["incoming+acme-shop-42-‹a20›-issue@in.example"], &["incoming+acme-issue@in.example"]),
    token("bitbucket-password", "Bitbucket app password", "bitbucket", &["atbb"], specs!["ATBB{a32}"])
        .check(checksum::crc_tail)
        .examples(&["ATBB‹a32›"], &["ATBB", "ATBBxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]),
    token("bitbucket-data-center", "Bitbucket token", "bitbucket", &["bbdc-"], specs!["BBDC-{b40+}"])
        .examples(&["BBDC-‹b40›"], &["BBDC-1"]),
    token(
        "atlassian-token",
        "Atlassian token",
        "atlassian",
        &["atatt3", "atctt3", "atstt3", "atoat3"],
        specs![
            "ATATT3{w60+}={H8}",
            "ATATT3{e60+}",
            "ATCTT3{w60+}={H8}",
            "ATCTT3{e60+}",
            "ATSTT3{e60+}",
            "ATOAT3{e60+}"
        ],
    )
    .check(checksum::crc_tail)
    .examples(
        &["ATATT3‹w60›=‹h8›", "ATATT3‹a60›", "ATCTT3‹w60›=‹h8›", "ATCTT3‹a60›"],
        &["ATATT3xFfGF0", "ATATT3xFfGF0-your-token"],
    ),
    named("bitbucket-secret", "Bitbucket client secret", "bitbucket", &["bitbucket"], specs!["{a32}"])
        .examples(&["BITBUCKET_CLIENT_SECRET=‹a32›"], &["bitbucket version ‹a32›", "bitbucket_key = ‹a5›"]),
    named("gitea-token", "Gitea token", "gitea", &["gitea", "forgejo", "codeberg"], specs!["{h40}"])
        .examples(&["GITEA_TOKEN=‹h40›"], &["gitea version ‹h40›", "gitea_key = ‹a5›"]),
    named("sourcehut-token", "sourcehut token", "sourcehut", &["sourcehut", "sr.ht"], specs!["{w43-86}"])
        .examples(&["SOURCEHUT_TOKEN=‹w43›"], &["sourcehut version ‹w43›", "sourcehut_key = ‹a5›"]),
    named(
        "azure-devops-old",
        "Azure DevOps token",
        "azure",
        &[
            "azure_devops",
            "azure-devops",
            "azure devops",
            "azure.devops",
            "azuredevops",
            "vsts",
            "ado_pat",
            "ado-pat",
            "ado pat",
            "ado.pat",
            "adopat",
            "system_accesstoken",
            "system-accesstoken",
            "system accesstoken",
            "system.accesstoken",
            "systemaccesstoken",
        ],
        specs!["{t52}"],
    )
    .examples(&["AZURE_DEVOPS_PAT=‹t52›"], &["azure_devops version ‹t52›", "azure_devops_key = ‹a5›"]),
    token("npm-token", "npm token", "npm", &["npm_"], specs!["npm_{a36+}"])
        .check(checksum::crc_base62)
        .examples(&["npm_‹a36›"], &["npm_config_registry", "npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"]),
    token(
        "pypi-token",
        "PyPI token",
        "pypi",
        &["pypi-ag"],
        specs!["pypi-AgEIcHlwaS5vcmc{w50+}", "pypi-AgENdGVzdC5weXBpLm9yZw{w50+}", "pypi-Ag{w60+}"],
    )
    .check(checksum::pypi)
    .examples(
        &["pypi-AgEIcHlwaS5vcmc‹w50›", "pypi-AgENdGVzdC5weXBpLm9yZw‹w50›", "pypi-Ag‹w60›"],
        &["pypi-publish", "pypi-AgEIcHlwaS5vcmc"],
    ),
    token("rubygems-key", "RubyGems key", "rubygems", &["rubygems_"], specs!["rubygems_{h48}"])
        .examples(&["rubygems_‹h48›"], &["rubygems_version"]),
    token("crates-token", "crates.io token", "crates", &["cio"], specs!["cio{a32}"])
        .examples(&["cio‹a32›"], &["cionnotations", "cio", "cioptionsForTheWidgetThatRendersIt"]),
    token("nuget-key", "NuGet key", "nuget", &["oy2"], specs!["!oy2{n43}"]).sure(0.9).examples(&["oy2‹n43›"], &["oy2"]),
    token("clojars-token", "Clojars token", "clojars", &["clojars_"], specs!["CLOJARS_{h60}"])
        .examples(&["CLOJARS_‹h60›"], &["CLOJARS_PASSWORD"]),
    token(
        "packagist-token",
        "Packagist token",
        "packagist",
        &["packagist_ort_", "packagist_out_", "packagist_uut_"],
        specs!["packagist_ort_{h60+}", "packagist_out_{h60+}", "packagist_uut_{h60+}"],
    )
    .examples(&["packagist_ort_‹h60›", "packagist_out_‹h60›", "packagist_uut_‹h60›"], &["packagist_ort_"]),
    token("deno-token", "Deno token", "deno", &["ddp_", "ddw_", "ddo_"], specs!["ddp_{a36}", "ddw_{a36}", "ddo_{a36}"])
        .examples(&["ddp_‹a36›", "ddw_‹a36›", "ddo_‹a36›"], &["ddp_"]),
    token(
        "docker-token",
        "Docker token",
        "docker",
        &["dckr_pat_", "dckr_oat_"],
        specs!["dckr_pat_{w27+}", "dckr_oat_{w27+}"],
    )
    .examples(&["dckr_pat_‹w27›", "dckr_oat_‹w27›"], &["dckr_pat_"]),
    token("docker-swarm-token", "Docker Swarm token", "docker", &["swmtkn-1-"], specs!["SWMTKN-1-{n40-60}-{n20-30}"])
        .examples(&["SWMTKN-1-‹n40›-‹n20›"], &["SWMTKN-1-"]),
    token("docker-swarm-key", "Docker Swarm key", "docker", &["swmkey-1-"], specs!["SWMKEY-1-{b40-50}"])
        .examples(&["SWMKEY-1-‹b40›"], &["SWMKEY-1-"]),
    token("artifactory-key", "Artifactory key", "jfrog", &["akcp"], specs!["AKCp{a58+}"])
        .examples(&["AKCp‹a58›"], &["AKCp"]),
    token(
        "artifactory-reference",
        "Artifactory token",
        "jfrog",
        &["cmvmdgtu"],
        specs!["cmVmdGtu{a40+}", "cmVmdGtuO{a40+}"],
    )
    .examples(&["cmVmdGtu‹a40›", "cmVmdGtuO‹a40›"], &["cmVmdGtu"]),
    token("cloudsmith-key", "Cloudsmith key", "cloudsmith", &["csa_"], specs!["csa_{a36}"])
        .check(checksum::crc_tail)
        .examples(&["csa_‹a36›"], &["csa_"]),
    token(
        "sonar-token",
        "SonarQube token",
        "sonar",
        &["squ_", "sqp_", "sqa_", "sqco_"],
        specs!["squ_{h40}", "sqp_{h40}", "sqa_{h40}", "sqco_{a40+}"],
    )
    .examples(&["squ_‹h40›", "sqp_‹h40›", "sqa_‹h40›", "sqco_‹a40›"], &["squ_"]),
    named("sonar-login", "SonarQube token", "sonar", &["sonar"], specs!["{h40}"])
        .examples(&["SONAR_TOKEN=‹h40›"], &["sonar version ‹h40›", "sonar_key = ‹a5›"]),
    token(
        "sourcegraph-token",
        "Sourcegraph token",
        "sourcegraph",
        &["sgp_", "sgd_", "slk_"],
        specs!["sgp_{H16}_{H40}", "sgp_local_{H40}", "sgp_{H40}", "sgd_{H64}", "slk_{H64}"],
    )
    .examples(&["sgp_‹h16›_‹h40›", "sgp_local_‹h40›", "sgp_‹h40›", "sgd_‹h64›"], &["sgp_local_"]),
    token(
        "snyk-token",
        "Snyk token",
        "snyk",
        &["snyk_uat.", "snyk_sat."],
        specs!["snyk_uat.{w8}.{e40+}", "snyk_sat.{w8}.{e40+}"],
    )
    .examples(&["snyk_uat.‹w8›.‹a40›", "snyk_sat.‹w8›.‹a40›"], &["snyk_uat."]),
    named("snyk-key", "Snyk key", "snyk", &["snyk"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["SNYK_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["snyk version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "snyk_key = ‹a5›"],
    ),
    named("semgrep-app-token", "Semgrep token", "semgrep", &["semgrep"], specs!["{h64}"])
        .examples(&["SEMGREP_APP_TOKEN=‹h64›"], &["semgrep version ‹h64›", "semgrep_key = ‹a5›"]),
    token("socket-key", "Socket key", "socket", &["sktsec_"], specs!["sktsec_{w30+}"])
        .examples(&["sktsec_‹w30›"], &["sktsec_"]),
    token(
        "aikido-token",
        "Aikido token",
        "aikido",
        &["aik_ci_", "aik_secret_", "aik_client_"],
        specs!["AIK_CI_{a20+}", "AIK_SECRET_{a40+}", "AIK_CLIENT_{a20+}"],
    )
    .examples(&["AIK_CI_‹a20›", "AIK_SECRET_‹a40›", "AIK_CLIENT_‹a20›"], &["AIK_CI_"]),
    token("endor-key", "Endor Labs key", "endor", &["endr+"], specs!["endr+{p16+}"])
        .sure(0.9)
        .examples(&["endr+‹a16›"], &["endr+"]),
    named("codecov-token", "Codecov token", "codecov", &["codecov"], specs!["{h8}-{h4}-{h4}-{h4}-{h12}"]).examples(
        &["CODECOV_TOKEN=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["codecov version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "codecov_key = ‹a5›"],
    ),
    named("coveralls-token", "Coveralls token", "coveralls", &["coveralls"], specs!["{a32-37}"])
        .examples(&["COVERALLS_REPO_TOKEN=‹a32›"], &["coveralls version ‹a32›", "coveralls_key = ‹a5›"]),
    named(
        "codeclimate-token",
        "Code Climate token",
        "codeclimate",
        &[
            "codeclimate",
            "cc_test_reporter_id",
            "cc-test-reporter-id",
            "cc test reporter id",
            "cc.test.reporter.id",
            "cctestreporterid",
        ],
        specs!["{h64}"],
    )
    .examples(&["CODECLIMATE_TOKEN=‹h64›"], &["codeclimate version ‹h64›", "codeclimate_key = ‹a5›"]),
    named("codacy-token", "Codacy token", "codacy", &["codacy"], specs!["{a20-32}"])
        .examples(&["CODACY_PROJECT_TOKEN=‹a20›"], &["codacy version ‹a20›", "codacy_key = ‹a5›"]),
    token("buildkite-user", "Buildkite token", "buildkite", &["bkua_"], specs!["bkua_{w38+}"])
        .examples(&["bkua_‹w38›"], &["bkua_"]),
    token("buildkite-agent", "Buildkite token", "buildkite", &["bkaa_"], specs!["bkaa_{w38+}"])
        .examples(&["bkaa_‹w38›"], &["bkaa_"]),
    token("buildkite-job", "Buildkite token", "buildkite", &["bkaj_"], specs!["bkaj_{w38+}"])
        .examples(&["bkaj_‹w38›"], &["bkaj_"]),
    token("buildkite-registry", "Buildkite token", "buildkite", &["bkar_"], specs!["bkar_{w38+}"])
        .examples(&["bkar_‹w38›"], &["bkar_"]),
    token("buildkite-cluster", "Buildkite token", "buildkite", &["bkct_"], specs!["bkct_{w38+}"])
        .examples(&["bkct_‹w38›"], &["bkct_"]),
    token("buildkite-portal", "Buildkite token", "buildkite", &["bkpt_"], specs!["bkpt_{w38+}"])
        .examples(&["bkpt_‹w38›"], &["bkpt_"]),
    token("buildkite-package", "Buildkite token", "buildkite", &["bkpat_"], specs!["bkpat_{w38+}"])
        .examples(&["bkpat_‹w38›"], &["bkpat_"]),
    token("buildkite-portal-secret", "Buildkite token", "buildkite", &["bkps_"], specs!["bkps_{w38+}"])
        .examples(&["bkps_‹w38›"], &["bkps_"]),
    token(
        "circleci-token",
        "CircleCI token",
        "circleci",
        &["ccipat_", "cciprj_"],
        specs!["CCIPAT_{a20-24}_{H40}", "CCIPRJ_{a20-24}_{H40}"],
    )
    .examples(&["CCIPAT_‹a20›_‹h40›", "CCIPRJ_‹a20›_‹h40›"], &["CCIPAT_"]),
    named(
        "circleci-key",
        "CircleCI token",
        "circleci",
        &["circleci", "circle_token", "circle-token", "circle token", "circle.token", "circletoken"],
        specs!["{h40}"],
    )
    .examples(&["CIRCLECI_TOKEN=‹h40›"], &["circleci version ‹h40›", "circleci_key = ‹a5›"]),
    named("travis-token", "Travis CI token", "travis", &["travis"], specs!["{w22}"])
        .examples(&["TRAVIS_TOKEN=‹w22›"], &["travis version ‹w22›", "travis_key = ‹a5›"]),
    named(
        "drone-token",
        "Drone token",
        "drone",
        &[
            "drone_token",
            "drone-token",
            "drone token",
            "drone.token",
            "dronetoken",
            "droneci",
            "drone_server",
            "drone-server",
            "drone server",
            "drone.server",
            "droneserver",
            "drone_rpc",
            "drone-rpc",
            "drone rpc",
            "drone.rpc",
            "dronerpc",
        ],
        specs!["{a32}"],
    )
    .examples(&["DRONECI_TOKEN=‹a32›"], &["drone_token version ‹a32›", "drone_token_key = ‹a5›"]),
    named("jenkins-token", "Jenkins token", "jenkins", &["jenkins"], specs!["11{h32}", "{h32}"])
        .sure(0.85)
        .examples(&["JENKINS_API_TOKEN=11‹h32›"], &["jenkins version 11‹h32›", "jenkins_key = ‹a5›"]),
    token(
        "teamcity-token",
        "TeamCity token",
        "teamcity",
        &["eyj0exaioiaivenwmij9."],
        specs!["eyJ0eXAiOiAiVENWMiJ9.{w20+}.{w20+}"],
    )
    .examples(&["eyJ0eXAiOiAiVENWMiJ9.‹w20›.‹w20›"], &["eyJ0eXAiOiAiVENWMiJ9."]),
    token("octopus-key", "Octopus Deploy key", "octopus", &["api-"], specs!["!API-{u25-32}"])
        .sure(0.9)
        .examples(&["API-‹x25›"], &["API-REFERENCE", "API-GATEWAYCONFIGURATIONFORALL"]),
    token(
        "harness-token",
        "Harness token",
        "harness",
        &["pat.", "sat."],
        specs!["!pat.{w22}.{h24}.{a20}", "!sat.{w22}.{h24}.{a20}"],
    )
    .examples(&["pat.‹w22›.‹h24›.‹a20›", "sat.‹w22›.‹h24›.‹a20›"], &["pat.Match"]),
    named("bitrise-token", "Bitrise token", "bitrise", &["bitrise"], specs!["{w60-120}"])
        .examples(&["BITRISE_TOKEN=‹w60›"], &["bitrise version ‹w60›", "bitrise_key = ‹a5›"]),
    named("codemagic-token", "Codemagic token", "codemagic", &["codemagic"], specs!["{w43}"])
        .examples(&["CODEMAGIC_API_TOKEN=‹w43›"], &["codemagic version ‹w43›", "codemagic_key = ‹a5›"]),
    named("appveyor-token", "AppVeyor token", "appveyor", &["appveyor"], specs!["v2.{n20}", "{n20}"])
        .examples(&["APPVEYOR_API_TOKEN=v2.‹n20›"], &["appveyor version v2.‹n20›", "appveyor_key = ‹a5›"]),
    named("percy-token", "Percy token", "percy", &["percy"], specs!["web_{h64}", "app_{h64}", "auto_{h64}", "{h64}"])
        .examples(&["PERCY_TOKEN=web_‹h64›"], &["percy version web_‹h64›", "percy_key = ‹a5›"]),
    token("chromatic-token", "Chromatic token", "chromatic", &["chpt_"], specs!["chpt_{h12-32}"])
        .sure(0.9)
        .examples(&["chpt_‹h12›"], &["chpt_"]),
    token("gitpod-token", "Gitpod token", "gitpod", &["gitpod_pat_"], specs!["gitpod_pat_{o30+}"])
        .examples(&["gitpod_pat_‹a30›"], &["gitpod_pat_"]),
    token(
        "mergify-key",
        "Mergify key",
        "mergify",
        &["mergify_application_key_"],
        specs!["mergify_application_key_{w40+}"],
    )
    .examples(&["mergify_application_key_‹w40›"], &["mergify_application_key_"]),
    token("readme-key", "ReadMe key", "readme", &["rdme_"], specs!["rdme_{n60-80}"])
        .examples(&["rdme_‹n60›"], &["rdme_"]),
    token("ionic-token", "Ionic token", "ionic", &["ion_"], specs!["ion_{a42}"]).examples(&["ion_‹a42›"], &["ion_"]),
    named(
        "expo-access-token",
        "Expo token",
        "expo",
        &[
            "expo_token",
            "expo-token",
            "expo token",
            "expo.token",
            "expotoken",
            "expo_access",
            "expo-access",
            "expo access",
            "expo.access",
            "expoaccess",
        ],
        specs!["{w40}"],
    )
    .examples(&["EXPO_TOKEN=‹w40›"], &["expo_token version ‹w40›", "expo_token_key = ‹a5›"]),
    named(
        "saucelabs-key",
        "Sauce Labs key",
        "sauce",
        &[
            "saucelabs",
            "sauce_access",
            "sauce-access",
            "sauce access",
            "sauce.access",
            "sauceaccess",
            "sauce_",
            "sauce-",
            "sauce ",
            "sauce.",
        ],
        specs!["{h8}-{h4}-{h4}-{h4}-{h12}"],
    )
    .examples(
        &["SAUCE_ACCESS_KEY=‹h8›-‹h4›-‹h4›-‹h4›-‹h12›"],
        &["saucelabs version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›", "saucelabs_key = ‹a5›"],
    ),
    named("browserstack-key", "BrowserStack key", "browserstack", &["browserstack"], specs!["{a20}"])
        .examples(&["BROWSERSTACK_ACCESS_KEY=‹a20›"], &["browserstack version ‹a20›", "browserstack_key = ‹a5›"]),
    token("lambdatest-key", "LambdaTest key", "lambdatest", &["lt_"], specs!["LT_{a46-64}"])
        .sure(0.85)
        .examples(&["LT_‹a46›"], &["LT_"]),
    token(
        "intra42-secret",
        "42 client secret",
        "intra42",
        &["s-s4t2ud-", "s-s4t2af-"],
        specs!["s-s4t2ud-{h64}", "s-s4t2af-{h64}"],
    )
    .examples(&["s-s4t2ud-‹h64›", "s-s4t2af-‹h64›"], &["s-s4t2ud-"]),
    token("val-town-token", "Val Town token", "valtown", &["vtwn_"], specs!["vtwn_{w20+}"])
        .examples(&["vtwn_‹w20›"], &["vtwn_"]),
    token("codesandbox-key", "CodeSandbox key", "codesandbox", &["csb_v1_"], specs!["csb_v1_{w30+}"])
        .examples(&["csb_v1_‹w30›"], &["csb_v1_"]),
    token(
        "jsr-token",
        "JSR token",
        "jsr",
        &["jsrp_", "jsrs_", "jsrd_"],
        specs!["jsrp_{w30+}", "jsrs_{w30+}", "jsrd_{w30+}"],
    )
    .examples(&["jsrp_‹w30›", "jsrs_‹w30›", "jsrd_‹w30›"], &["jsrp_x"]),
    token("expo-token", "Expo token", "expo", &["expo_"], specs!["!expo_{w36-48}"])
        .sure(0.9)
        .examples(&["expo_‹w36›"], &["expo_modules_core_some_long_name_of_a_package"]),
];
