package doctor

import (
	"regexp"
	"slices"

	"bellhop/localdev/template"
)

func deploymentNone(_ api, s template.Stage, tell teller) {
	if !s.AutoDeploy && s.DeploymentID == "" {
		tell(s.Part, "AutoDeploy", "nothing is deployed: every request would be answered with 403")
	}
}

func deploymentTwice(a api, s template.Stage, tell teller) {
	switch {
	case !s.AutoDeploy:
	case s.DeploymentID != "":
		tell(s.Part, "DeploymentId", "set together with AutoDeploy, which would change it")
	case len(a.deployments) > 0:
		tell(a.deployments[0].Part, "", "a Deployment beside stage %s, which deploys by itself", s.LogicalID)
	}
}

// inUse gives the deployments that a stage of the API names, and that it does not
// replace by itself.
func (a api) inUse() []template.Deployment {
	var used []template.Deployment
	for _, d := range a.deployments {
		if slices.ContainsFunc(a.stages, func(s template.Stage) bool { return !s.AutoDeploy && s.DeploymentID == d.ID }) {
			used = append(used, d)
		}
	}
	return used
}

func deploymentOrder(v view, tell teller) {
	for _, a := range v.apis {
		for _, d := range a.inUse() {
			for _, r := range a.routes {
				if !slices.Contains(d.After, r.LogicalID) {
					tell(d.Part, "", "does not wait for %s (%s): DependsOn lacks it", r.LogicalID, r.Key)
				}
			}
		}
	}
}

// deploymentFrozen takes a logical id that ends in a hash or a date for one that
// changes.
func deploymentFrozen(v view, tell teller) {
	changing := regexp.MustCompile(`[0-9a-fA-F]{8,}$`)
	for _, a := range v.apis {
		for _, d := range a.inUse() {
			if !changing.MatchString(d.LogicalID) {
				tell(d.Part, "", "a snapshot that is made once, and not again when routes change")
			}
		}
	}
}
